import Glibc
import Threading

/// Every open connection with its deadline: the limits for each address, the end of slow clients, the orderly stop.
///
/// libmicrohttpd's own timeout counts idleness only, so a byte now and then holds a connection for ever; its limit for
/// each address would count all clients of a proxy as one.
final class ConnectionRegistry: Sendable {
    private struct State {
        var open: [ObjectIdentifier: Connection] = [:]
        var countByAddress: [IPAddress: Int] = [:]
        /// Requests whose line has come and whose answer is not yet sent.
        var inFlight = 0
        /// Those of them that are in the handler.
        var handling = 0
        var stage = Stage.open
    }

    /// The server's way from start to stop.
    enum Stage {
        case open
        /// Nobody new is let in; requests under way are answered.
        case draining
        /// No request reaches the handler any more.
        case closed
    }

    /// Its lock also guards the changing members of every `Connection`.
    private let state = Monitor(State())
    private let trusted: TrustedProxies
    private let limitPerAddress: Int
    private let requestDeadline: Duration
    private let idleTimeout: Duration
    /// Apart from the state, whose every change would wake the thread that waits for it.
    private let isClosed = Monitor(false)

    init(_ configuration: ServerSettings, trusted: TrustedProxies) {
        self.trusted = trusted
        limitPerAddress = configuration.maxConnectionsPerAddress
        requestDeadline = configuration.requestDeadline
        idleTimeout = configuration.idleTimeout
    }

    enum Admission {
        case accepted, tooMany, closing
    }

    /// Whether one more connection from this peer may be opened.
    func admit(_ peer: IPAddress?) -> Admission {
        state.withLock { state in
            guard state.stage == .open else { return .closing }
            guard let peer, !trusted.contains(peer) else { return .accepted }
            return state.countByAddress[peer.limitPrefix, default: 0] < limitPerAddress ? .accepted : .tooMany
        }
    }

    func opened(_ connection: Connection) {
        state.withLock { state in
            connection.deadline = .now + requestDeadline
            state.open[ObjectIdentifier(connection)] = connection
            if let peer = connection.peer { state.countByAddress[peer.limitPrefix, default: 0] += 1 }
        }
    }

    /// After this nobody touches the socket, whose number may soon be another's.
    func closed(_ connection: Connection) {
        state.withLock { state in
            state.open[ObjectIdentifier(connection)] = nil
            guard let key = connection.peer?.limitPrefix, let count = state.countByAddress[key] else { return }
            state.countByAddress[key] = count > 1 ? count - 1 : nil
        }
    }

    /// Notes that a connection enters a phase, and when it must have left it. What is cut or comes after the close does
    /// not enter `handling`: no change is made whose answer cannot reach the client.
    @discardableResult
    func advance(_ connection: Connection, to phase: Connection.Phase) -> Stage {
        state.withLock { state in
            if phase == .handling, connection.isAborted || state.stage == .closed { return .closed }
            let previous = connection.phase
            state.inFlight += (phase == .waiting ? 0 : 1) - (previous == .waiting ? 0 : 1)
            state.handling += (phase == .handling ? 1 : 0) - (previous == .handling ? 1 : 0)
            connection.phase = phase
            switch phase {
            case .waiting:
                connection.isFirstRequest = false
                connection.deadline = .now + idleTimeout
            case .reading:
                // The first request counts from the opening, so a slow request line gains nothing.
                if !connection.isFirstRequest { connection.deadline = .now + requestDeadline }
            case .handling: connection.deadline = nil
            case .answering: connection.deadline = .now + requestDeadline
            }
            return state.stage
        }
    }

    /// Runs on a thread of its own until `close`; closes connections that are past their deadline.
    /// - Parameter onCut: receives each peer whose connection was closed.
    func abortOverdue(onCut: (IPAddress?) -> Void) {
        let pause = min(max(min(requestDeadline, idleTimeout) / 10, .milliseconds(10)), .seconds(1))
        while isClosed.wait(timeout: pause, { $0 ? true : nil }) == nil {
            let now = ContinuousClock.now
            let late = state.withLock { state in
                state.open.values.filter { !$0.isAborted && $0.deadline.map { $0 < now } ?? false }.map { connection in
                    connection.abort()
                    return connection.peer
                }
            }
            for peer in late { onCut(peer) }
        }
    }

    /// Lets no connection and no further request in, and waits until no request is under way.
    func drain(atMost limit: Duration) {
        state.withLock { state in
            state.stage = .draining
            for connection in state.open.values where connection.phase == .waiting { connection.abort() }
        }
        waitUntilDrained(atMost: limit)
    }

    /// Cuts requests that are not complete; gives handlers at work and answers on their way a last second.
    /// - Returns: whether all handlers have come back.
    func close() -> Bool {
        isClosed.withLock { $0 = true }
        state.withLock { state in
            state.stage = .closed
            for connection in state.open.values where connection.phase == .reading { connection.abort() }
        }
        waitUntilDrained(atMost: .seconds(1))
        return state.withLock { $0.handling == 0 }
    }

    private func waitUntilDrained(atMost limit: Duration) {
        _ = state.wait(timeout: limit) { $0.inFlight == 0 ? true : nil }
    }
}
