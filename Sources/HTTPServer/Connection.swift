import Glibc

/// One client's connection, as long as libmicrohttpd keeps it.
final class Connection: @unchecked Sendable {
    // Proof: the two groups of variables below, each with one keeper.

    /// Where a connection stands in the cycle of requests.
    enum Phase {
        /// For the first byte of the next request.
        case waiting
        /// The request line has come; headers and body have yet to.
        case reading
        /// The handler is at work.
        case handling
        /// The answer is being sent.
        case answering
    }

    let peer: IPAddress?
    let socket: Int32

    // Guarded by the lock of `Connections`.
    var phase = Phase.waiting
    /// When it is cut; nil while only the handler can end the phase.
    var deadline: ContinuousClock.Instant?
    var isFirstRequest = true
    var isAborted = false

    // Touched only by the one thread of libmicrohttpd that serves this connection.
    /// The request line's target as it came, until its first NUL.
    var target: [UInt8] = []
    /// The request once its head is read and found good; its body grows.
    var request: Request?
    /// Whether this server, rather than libmicrohttpd by itself, answered the request.
    var isAnswered = false

    /// Shuts the socket, upon which libmicrohttpd closes the connection; what was written before still goes out.
    func abort() {
        isAborted = true
        shutdown(socket, Int32(SHUT_RDWR))
    }

    init(peer: IPAddress?, socket: Int32) {
        self.peer = peer
        self.socket = socket
    }
}
