import CommandLine
import FoundationEssentials
import Glibc

/// The demo's mail server: aiosmtpd, a real SMTP server, which keeps what it receives in a Maildir.
package final class DemoMailServer {
    package let port: Int
    package let maildir: String
    private let process: pid_t

    package init(folder: String) throws {
        maildir = "\(folder)/mail"
        port = try Self.freePort()
        let program = ["/usr/bin/aiosmtpd", "/usr/local/bin/aiosmtpd"]
            .first { FileManager.default.isExecutableFile(atPath: $0) }
        guard let program else {
            throw CommandError(
                "The demo needs a mail server to send to: apt-get install python3-aiosmtpd")
        }
        // setpriv has the kernel end the mail server should this program be killed.
        process = try Self.spawn([
            "/usr/bin/setpriv", "--pdeathsig", "TERM", program, "--nosetuid", "--listen", "127.0.0.1:\(port)",
            "--class", "aiosmtpd.handlers.Mailbox", maildir,
        ])
        guard waitUntilItAnswers() else {
            stop()
            throw CommandError("The demo's mail server (\(program)) did not start on port \(port).")
        }
    }

    package func stop() {
        kill(process, SIGTERM)
        waitpid(process, nil, 0)
    }

    /// Starts a program in a process group of its own, so that Ctrl-C ends the demo first and its mail server after it.
    private static func spawn(_ arguments: [String]) throws -> pid_t {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // The signals that this program waits for are blocked in it, and must not be in its child.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var process: pid_t = 0
        let code = posix_spawn(&process, arguments[0], nil, &attributes, &words, environ)
        guard code == 0 else {
            throw CommandError("\(arguments[0]) cannot be started: \(String(cString: strerror(code))).")
        }
        return process
    }

    /// A port that is free now. The mail server takes it a moment later; who else takes it first makes the start fail.
    private static func freePort() throws -> Int {
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

    private func waitUntilItAnswers() -> Bool {
        for _ in 0..<200 {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(descriptor) }
            var address = Self.loopback(port: port)
            let isOpen = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
            if isOpen { return true }
            if waitpid(process, nil, WNOHANG) != 0 { return false }
            usleep(50_000)
        }
        return false
    }

    private static func loopback(port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port)).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        return address
    }
}
