import CommandLine
import Glibc

/// Another program that the demo runs, in a process group of its own, so that Ctrl-C ends the demo first and it after.
final class DemoProcess {
    private let process: pid_t
    private let name: String

    /// Starts a program without a shell.
    /// - Parameters:
    ///   - command: the absolute path of the program, and its arguments.
    ///   - input: a file to read as standard input.
    ///   - log: a file that takes what it writes; nil leaves it to this program's own output.
    init(_ command: [String], input: String = "/dev/null", log: String? = nil) throws {
        name = command[0]
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // The signals that this program waits for are blocked in it, and must not be in its child.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, input, O_RDONLY, 0)
        if let log {
            posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
            posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        }
        // setpriv has the kernel end the program should this one be killed.
        let whole = ["/usr/bin/setpriv", "--pdeathsig", "TERM"] + command
        var words: [UnsafeMutablePointer<CChar>?] = whole.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var process: pid_t = 0
        let code = posix_spawn(&process, whole[0], &actions, &attributes, &words, environ)
        guard code == 0 else {
            throw CommandError("\(command[0]) cannot be started: \(String(cString: strerror(code))).")
        }
        self.process = process
    }

    func stop() {
        kill(process, SIGTERM)
        waitpid(process, nil, 0)
    }

    /// Waits for its end.
    /// - Returns: whether it ended well.
    func succeeds() -> Bool {
        var status: Int32 = -1
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        return status == 0
    }

    /// Waits until it takes connections on a port of loopback; ends it when it does not.
    func waitUntilItAnswers(on port: Int) throws {
        let failure = CommandError("\(name), which belongs to the demo, did not start on port \(port).")
        for _ in 0..<200 {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(descriptor) }
            var address = Self.loopback(port: port)
            let isOpen = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
            if isOpen { return }
            if waitpid(process, nil, WNOHANG) != 0 { throw failure }
            usleep(50_000)
        }
        stop()
        throw failure
    }

    /// A port that is free now. Its program takes it a moment later; who else takes it first makes the start fail.
    static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = loopback(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard isBound else { throw CommandError("No free port was found for the demo's mail server.") }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    /// Whether no program listens on a port of loopback.
    static func isFree(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        // Connections that ended a moment ago hold a port no longer, as for the servers themselves.
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = loopback(port: port)
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                // Any other fault is for the server to tell.
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0 || errno != EADDRINUSE
            }
        }
    }

    private static func loopback(port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port)).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        return address
    }
}
