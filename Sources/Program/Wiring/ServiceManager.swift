import CommandLine
import Domain
import Glibc

/// What systemd, or another manager that keeps its conventions, tells a service and wants to hear from it.
///
/// The protocols are two environment variables and a datagram each (sd_notify(3), sd_listen_fds(3)), promised stable, so
/// they are spoken here: libsystemd would add a library, its own dependencies and their attack surface to save these
/// lines.
struct ServiceManager: Sendable {
    /// How often it wants to hear that we are alive; nil when it does not ask.
    let watchdog: Duration?
    private let notifySocket: String?
    /// Sockets that it bound for us, by name.
    private let sockets: [String: Int32]

    /// The first descriptor that is handed over (SD_LISTEN_FDS_START).
    private static let firstDescriptor: Int32 = 3

    /// Takes the variables out of the environment, so that no program we start believes they are meant for it. To be
    /// called before any thread is made.
    init() {
        let process = "\(getpid())"
        notifySocket = Self.consumeVariable("NOTIFY_SOCKET")
        let (interval, watched) = (
            Self.consumeVariable("WATCHDOG_USEC").flatMap { Int64($0) }, Self.consumeVariable("WATCHDOG_PID")
        )
        watchdog = watched == nil || watched == process ? interval.flatMap { $0 > 0 ? .microseconds($0) : nil } : nil
        let (receiver, count) = (
            Self.consumeVariable("LISTEN_PID"), Self.consumeVariable("LISTEN_FDS").flatMap { Int32($0) } ?? 0
        )
        let names = (Self.consumeVariable("LISTEN_FDNAMES") ?? "").split(
            separator: ":", omittingEmptySubsequences: false)
        guard receiver == process, count > 0 else {
            sockets = [:]
            return
        }
        var sockets: [String: Int32] = [:]
        for number in 0..<count {
            let descriptor = Self.firstDescriptor + number
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            let name = Int(number) < names.count ? String(names[Int(number)]) : "unknown"
            if sockets[name] == nil { sockets[name] = descriptor }
        }
        self.sockets = sockets
    }

    /// The listening socket of this name.
    /// - Throws: `CommandError` when none was handed over.
    func socket(named name: String) throws -> Int32 {
        if let socket = sockets[name] { return socket }
        let others = sockets.keys.sorted().joined(separator: ", ")
        throw CommandError(
            "No socket named \(name) was handed over by the service manager; start the service through its .socket "
                + "unit (FileDescriptorName=\(name)), or name an address to listen on.",
            detail: others.isEmpty ? "" : "handed over: \(others)")
    }

    func ready(_ status: String) { send("READY=1\nSTATUS=\(status)") }

    /// To be followed by `ready`, whatever comes of it.
    func reloading(_ status: String) {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        send("RELOADING=1\nMONOTONIC_USEC=\(now.tv_sec * 1_000_000 + now.tv_nsec / 1_000)\nSTATUS=\(status)")
    }

    func status(_ sentence: String) { send("STATUS=\(sentence)") }

    func reportAlive() { send("WATCHDOG=1") }

    func stopping(_ status: String) { send("STOPPING=1\nSTATUS=\(status)") }

    private func send(_ message: String) {
        guard let notifySocket else { return }
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        var bytes = Array(notifySocket.utf8)
        // An at sign stands for the NUL that an abstract name begins with.
        guard bytes.first == UInt8(ascii: "/") || bytes.first == UInt8(ascii: "@"),
            bytes.count < MemoryLayout.size(ofValue: name.sun_path)
        else { return }
        if bytes[0] == UInt8(ascii: "@") { bytes[0] = 0 }
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: bytes) }
        // The kernel takes every byte of an abstract name, also those behind its end.
        let size = socklen_t(MemoryLayout<sockaddr_un>.offset(of: \.sun_path)! + bytes.count)

        let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let text = Array(message.utf8)
        _ = withUnsafePointer(to: name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, text, text.count, Int32(MSG_NOSIGNAL), $0, size)
            }
        }
    }

    private static func consumeVariable(_ variable: String) -> String? {
        let value = getenv(variable).map { String(cString: $0) }
        unsetenv(variable)
        return value
    }
}
