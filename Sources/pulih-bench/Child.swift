import FoundationEssentials
import Glibc
import Threading

/// A program run beside the benchmark, its output in a file. It leads a group of processes of its own, which ends with
/// it.
final class Child {
    let process: pid_t
    private let name: String
    private let output: String

    /// All that run now, each with the signal that ends it; nil when no more may begin.
    private static let running = Monitor<[pid_t: Int32]?>([:])

    /// - Parameter signal: what it is told to end by.
    init(_ arguments: [String], output: String, endedBy signal: Int32 = SIGTERM) throws {
        self.output = output
        name = arguments.prefix(3).joined(separator: " ")
        process = try Self.running.withLock { running in
            guard running != nil else { throw BenchFailure("the benchmark is ending") }
            let process = try Self.spawn(arguments, output)
            running?[process] = signal
            return process
        }
    }

    private static func spawn(_ arguments: [String], _ output: String) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for descriptor in [STDOUT_FILENO, STDERR_FILENO] {
            posix_spawn_file_actions_addopen(&actions, descriptor, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        }
        // The benchmark blocks and ignores signals that its children must hear.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var (none, usual) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        sigemptyset(&usual)
        sigaddset(&usual, SIGPIPE)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &usual)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var process: pid_t = 0
        let code = posix_spawn(&process, arguments[0], &actions, &attributes, &words, environ)
        guard code == 0 else { throw BenchFailure("\(arguments[0]): \(String(cString: strerror(code)))") }
        return process
    }

    /// Waits until it takes connections.
    func answers(on port: Int) throws {
        for _ in 0..<20_000 {
            if let descriptor = try? connectLoopback(port: port) {
                close(descriptor)
                return
            }
            guard kill(process, 0) == 0, waitpid(process, nil, WNOHANG) == 0 else { break }
            usleep(1_000)
        }
        throw BenchFailure("\(name) does not listen on port \(port): \(Self.text(of: output))")
    }

    /// Waits for its end.
    /// - Returns: what it has written.
    /// - Throws: `BenchFailure` when it failed.
    @discardableResult
    func finish() throws -> String {
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 && errno == EINTR {}
        _ = Self.running.withLock { $0?.removeValue(forKey: process) }
        guard status == 0 else {
            // What a program says last is why it ended.
            let words = Self.text(of: output).split(separator: "\n").suffix(2).joined(separator: " ")
            throw BenchFailure("\(name) failed: \(words)")
        }
        return Self.text(of: output)
    }

    func stop() {
        let signal = Self.running.withLock { $0?.removeValue(forKey: process) }
        if let signal { Self.end(process, by: signal) }
    }

    /// Ends what a line has left running. Does not return while the whole program is ending: who ends it takes everything away.
    static func stopAll() {
        let left = running.withLock { running in
            defer { running = running.map { _ in [:] } }
            return running
        }
        guard let left else { while true { pause() } }
        for (process, signal) in left { end(process, by: signal) }
    }

    /// Ends all that run, for good: nothing begins afterwards.
    static func stopForever() {
        let left = running.withLock { running in
            defer { running = nil }
            return running ?? [:]
        }
        for (process, signal) in left { end(process, by: signal) }
    }

    private static func end(_ process: pid_t, by signal: Int32) {
        kill(-process, signal)
        for _ in 0..<15_000 {
            if waitpid(process, nil, WNOHANG) != 0 { return }
            usleep(1_000)
        }
        kill(-process, SIGKILL)
        waitpid(process, nil, 0)
    }

    private static func text(of file: String) -> String {
        FileManager.default.contents(atPath: file).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}
