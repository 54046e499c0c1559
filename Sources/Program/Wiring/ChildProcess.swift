import FoundationEssentials
import Glibc

/// Runs another program for its output, and neither longer nor for more than was allowed.
enum ChildProcess {
    /// Starts the program without a shell, with no environment, no input, and no descriptor of ours but its output; reads
    /// all it writes, and reaps it. A program that takes too long or writes too much is killed.
    /// - Parameter program: an absolute path.
    static func read(
        _ program: String, _ arguments: [String], atMost limit: Int, within time: Duration
    ) throws(ChildProcessError) -> [UInt8] {
        let deadline = ContinuousClock.now + time
        let (process, descriptor) = try start([program] + arguments)
        let output = collect(descriptor, atMost: limit, until: deadline)
        // Closed before reaping: should the program write on, it is told that nobody reads.
        close(descriptor)
        if case .failure = output { kill(process, SIGKILL) }
        let status = reap(process, until: deadline)
        let bytes = try output.get()
        guard status == 0 else {
            throw status == SIGKILL ? .late : ChildProcessError(detail: "it ended with wait status \(status)")
        }
        return bytes
    }

    private static func start(_ command: [String]) throws(ChildProcessError) -> (pid_t, Int32) {
        // A pipe that is closed in other programs from the start: Swift does not see pipe2, which makes such pipes.
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw ChildProcessError("no pipe", errno)
        }
        defer { close(ends[1]) }

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
        // Ours are closed on exec; sockets that libcurl opens may not be.
        for descriptor in openDescriptors() where descriptor > STDERR_FILENO {
            posix_spawn_file_actions_addclose(&actions, descriptor)
        }

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // The signals that we block and ignore are not the program's business.
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        var words: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var environment: [UnsafeMutablePointer<CChar>?] = [nil]
        var process: pid_t = 0
        let code = posix_spawn(&process, command[0], &actions, &attributes, &words, &environment)
        guard code == 0 else {
            close(ends[0])
            throw ChildProcessError("it cannot be started", code)
        }
        return (process, ends[0])
    }

    private static func openDescriptors() -> [Int32] {
        let names = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
        return (names ?? []).compactMap { Int32($0) }
    }

    /// Reads until the program closes its output.
    private static func collect(
        _ descriptor: Int32, atMost limit: Int, until deadline: ContinuousClock.Instant
    ) -> Result<[UInt8], ChildProcessError> {
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let left = ContinuousClock.now.duration(to: deadline) / .milliseconds(1)
            guard left > 0 else { return .failure(.late) }
            var event = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let ready = poll(&event, 1, Int32(left.rounded(.up)))
            if ready == 0 || (ready < 0 && errno == EINTR) { continue }
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return .failure(ChildProcessError("its output cannot be read", errno)) }
            guard count > 0 else { return .success(output) }
            guard output.count + count <= limit else { return .failure(ChildProcessError(detail: "it wrote too much")) }
            output += buffer[..<count]
        }
    }

    /// Waits for the end of a program, which is killed when the time is over, so that no zombie is left.
    /// - Returns: its wait status; 0 when it ended well.
    private static func reap(_ process: pid_t, until deadline: ContinuousClock.Instant) -> Int32 {
        var status: Int32 = 0
        while true {
            let ended = waitpid(process, &status, WNOHANG)
            if ended == process { return status }
            if ended < 0, errno != EINTR { return -1 }
            // Its output has ended, so it is about to; a wait without WNOHANG would have no end if it were not.
            if ContinuousClock.now >= deadline { kill(process, SIGKILL) }
            usleep(1_000)
        }
    }
}

/// What went wrong with a program that was run.
struct ChildProcessError: Error, Equatable {
    let detail: String

    static let late = ChildProcessError(detail: "it took too long")

    init(detail: String) { self.detail = detail }

    init(_ what: String, _ code: Int32) { detail = "\(what): \(String(cString: strerror(code)))" }
}
