import Glibc

/// Asks a server for an answer over its own listening socket, as a client on this machine would.
struct SelfCheck: Sendable {
    /// Where the socket listens, as the kernel knows it. A wildcard address leads to this machine when connected to.
    private let name: sockaddr_storage
    private let size: socklen_t

    init(_ listening: Int32) {
        var name = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        withUnsafeMutablePointer(to: &name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = getsockname(listening, $0, &size) }
        }
        self.name = name
        self.size = size
    }

    /// Whether an answer, of whatever status, begins within the time. Being shut out is one: whoever holds every place that
    /// this machine's clients have must not make the server pass for one that hangs, which accepts nobody.
    func answers(within time: Duration) -> Bool {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(Int32(name.ss_family), kind, 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var limit = timeval(tv_sec: Int(time.components.seconds), tv_usec: time.components.seconds == 0 ? 500_000 : 0)
        for option in [SO_SNDTIMEO, SO_RCVTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
        let isConnected = withUnsafePointer(to: name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) == 0 }
        }
        let request = Array("GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8)
        guard isConnected else { return false }
        guard send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
            return isRefusedByLimit
        }
        let expected = Array("HTTP/1.1 ".utf8)
        var answer = [UInt8](repeating: 0, count: expected.count)
        let count = recv(descriptor, &answer, answer.count, Int32(MSG_WAITALL))
        return count == 0 || count < 0 && isRefusedByLimit || count == expected.count && answer == expected
    }

    /// Whether the last call failed because the other side had closed the connection.
    private var isRefusedByLimit: Bool { errno == ECONNRESET || errno == EPIPE }
}
