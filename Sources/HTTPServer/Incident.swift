/// What the server did by itself, for the log. It names no path: a path can hold a secret link.
package struct Incident: Sendable, Equatable {
    /// Each case is counted and logged by itself.
    package enum Kind: Sendable, Hashable {
        /// The request broke a rule and was answered with an error; the connection was shut.
        case refused(RequestError)
        /// libmicrohttpd answered with this status before the request could be read.
        case refusedUnread(status: Int)
        /// The client took longer than a limit allows; the connection was shut.
        case deadlinePassed
        /// The address had all the connections it may have; the new one was shut.
        case tooManyConnections
        /// The operating system gave no connection, for the reason with this number in errno; told once until it does.
        case cannotAccept(errno: Int32)
        /// The handler's answer had this header or "status" that must not be sent; 500 was sent.
        case faultyResponse(String)
    }

    /// What happened.
    package let kind: Kind
    /// The peer of the connection, which behind a proxy is the proxy; "local" for a Unix socket.
    package let peer: String

    init(_ kind: Kind, peer: IPAddress?) {
        self.kind = kind
        self.peer = peer?.description ?? "local"
    }
}
