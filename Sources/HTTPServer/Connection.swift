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
        /// It waits for a worker to be free.
        case queued
        /// The handler is at work.
        case handling
        /// The answer is being sent.
        case answering
    }

    let peer: IPAddress?
    let socket: Int32
    /// Which of the event loops serves it.
    let loop: Int

    // Guarded by the lock of `ConnectionRegistry`.
    var phase = Phase.waiting
    /// When it is cut; nil while only the handler can end the phase.
    var deadline: ContinuousClock.Instant?
    var isFirstRequest = true
    var isAborted = false
    /// Whether a worker answers the request, so that the event loop is free for others.
    var isHandedOver = false
    /// Whether libmicrohttpd has taken it up; until then nobody else touches the socket.
    var isStarted = false
    /// Whether the next request is as good as here: nobody connects for nothing.
    var isRequestExpected = true

    /// Whether there is a request that the client will miss the answer to, should the server stop.
    var isBusy: Bool { phase != .waiting || isRequestExpected }

    /// Whether the client has sent what nobody has read yet.
    var hasUnreadBytes: Bool {
        var byte: UInt8 = 0
        return recv(socket, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT)) > 0
    }

    // Touched only by the one thread of libmicrohttpd that serves this connection, and by the worker it hands a request to.
    /// The request line's target as it came, until its first NUL.
    var target: [UInt8] = []
    /// The request once its head is read and found good; its body grows.
    var request: Request?
    /// Whether this server, rather than libmicrohttpd by itself, answered the request.
    var isAnswered = false
    /// What came of a request that was handed to a worker. libmicrohttpd leaves the connection alone until that is known.
    var outcome: Outcome?

    enum Outcome {
        case answer(Response)
        /// The server was closed, or the connection cut, before the handler was asked.
        case cut
    }

    /// Shuts the socket, upon which libmicrohttpd closes the connection; what was written before still goes out.
    func abort() {
        isAborted = true
        shutdown(socket, Int32(SHUT_RDWR))
    }

    init(peer: IPAddress?, socket: Int32, loop: Int) {
        self.peer = peer
        self.socket = socket
        self.loop = loop
    }
}
