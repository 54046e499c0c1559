import Foundation
import Glibc
import Threading

/// What a program is started with, and the start itself.
struct Launch: Sendable {
    let program: String
    let arguments: [String]
    let environment: [String: String]
    let folder: String?
    let input: String

    /// The descriptors to read the program's output from; the caller closes them.
    struct Started: Sendable {
        let processID: pid_t
        let output: Int32
        let error: Int32
    }

    /// Starts the program as the leader of a process group of its own.
    ///
    /// The calling thread must outlive the program: the kernel ends the program (`PR_SET_PDEATHSIG`, see prctl(2))
    /// when the *thread* that started it ends, so that nothing survives a test runner that was killed
    /// (except in the first milliseconds, before `setpriv` has asked for it).
    func start() throws -> Started {
        try Self.starts.withLock { count in
            count += 1
            return try startAlone()
        }
    }

    /// Two starts at once could give each other's program the writing end of a pipe, whose reader would never see the
    /// end: each looks up what is open and closes it in its program, see `closeTheRest`.
    private static let starts = Monitor(0)

    private func startAlone() throws -> Started {
        let executable = try Self.find(program)
        let inFolder = folder.map { ["env", "--chdir=\($0)"] } ?? []
        let command = inFolder + ["setpriv", "--pdeathsig", "KILL", "--", executable] + arguments
        let variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }.map { "\($0)=\($1)" }

        let standardInput = try inputFile()
        defer { close(standardInput) }
        let output = try Pipe()
        defer { close(output.writing) }
        let error = try Pipe()
        defer { close(error.writing) }

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, standardInput, 0)
        posix_spawn_file_actions_adddup2(&actions, output.writing, 1)
        posix_spawn_file_actions_adddup2(&actions, error.writing, 2)
        try Self.closeTheRest(&actions)

        // The runner's signal mask and ignored signals are not the program's business.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
        posix_spawnattr_setflags(&attributes, Int16(flags))

        var processID: pid_t = 0
        let code = Self.withCStrings(command) { argv in
            Self.withCStrings(variables) { envp in
                posix_spawnp(&processID, command[0], &actions, &attributes, argv, envp)
            }
        }
        guard code == 0 else {
            close(output.reading)
            close(error.reading)
            throw SupportFailure.system("cannot start \(executable)", code)
        }
        return Started(processID: processID, output: output.reading, error: error.reading)
    }

    /// Closes in the program what the runner has open: in there, another test's listening socket would go on listening.
    private static func closeTheRest(_ actions: inout posix_spawn_file_actions_t) throws {
        let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap { Int32($0) }
        for descriptor in open where descriptor > 2 {
            posix_spawn_file_actions_addclose(&actions, descriptor)
        }
    }

    private struct Pipe {
        let reading: Int32
        let writing: Int32

        init() throws {
            var ends: [Int32] = [0, 0]
            guard pipe(&ends) == 0 else { throw SupportFailure.system("cannot make a pipe") }
            (reading, writing) = (ends[0], ends[1])
        }
    }

    /// A nameless file that holds the whole standard input, so that nobody has to feed a pipe.
    private func inputFile() throws -> Int32 {
        var template = Array("\(NSTemporaryDirectory())/pulih-test-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw SupportFailure.system("cannot make a temporary file") }
        unlink(template)
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
        try file.write(contentsOf: Data(input.utf8))
        try file.seek(toOffset: 0)
        return descriptor
    }

    /// The path of a program that is named by its path or, as a shell would, by a name to be found on PATH.
    private static func find(_ program: String) throws -> String {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        // Debian keeps servers in sbin, which is not on every user's PATH.
        let folders = path.split(separator: ":").map(String.init) + ["/usr/sbin", "/sbin"]
        let absolute = URL(fileURLWithPath: program).path
        let candidates = program.contains("/") ? [absolute] : folders.map { "\($0)/\(program)" }
        guard let found = candidates.first(where: { access($0, X_OK) == 0 }) else {
            throw SupportFailure("there is no program \(program)")
        }
        return found
    }

    private static func withCStrings<Result>(
        _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
    ) -> Result {
        let copies = strings.map { strdup($0) }
        defer { copies.forEach { free($0) } }
        return body(copies + [nil])
    }
}
