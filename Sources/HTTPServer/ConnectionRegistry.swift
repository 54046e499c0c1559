import Glibc
import Threading

/// Every open connection with its deadline: the limits for each address and for all, the end of slow clients, the orderly
/// stop.
///
/// libmicrohttpd's own timeout counts idleness only, so a byte now and then holds a connection for ever; its limit for
/// each address would count all clients of a proxy as one.
final class ConnectionRegistry: Sendable {
    struct State {
        /// By socket.
        var open: [Int32: Connection] = [:]
        var countByAddress: [IPAddress: Int] = [:]
        /// Of each event loop.
        var loads: [ConnectionLoad]
        var stage = Stage.open

        /// Of all loops together.
        var load: ConnectionLoad { loads.reduce(ConnectionLoad(), +) }

        /// Changes a connection that is open, and the sums that it is part of.
        mutating func update(_ connection: Connection, _ change: () -> Void) {
            let before = ConnectionLoad(connection)
            change()
            loads[connection.loop] += ConnectionLoad(connection) - before
        }
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
    let state: Monitor<State>
    /// Apart from the state, whose every change would wake the thread that waits for it.
    let isClosed = Monitor(false)
    let requestDeadline: Duration
    let idleTimeout: Duration
    let newcomerPatience: Duration
    private let trusted: TrustedProxies
    private let limit: Int
    private let limitPerAddress: Int

    /// - Parameters:
    ///   - loops: how many event loops the connections are dealt to.
    ///   - limit: how many connections may be open.
    init(_ configuration: ServerSettings, trusted: TrustedProxies, loops: Int, limit: Int) {
        self.trusted = trusted
        self.limit = limit
        limitPerAddress = configuration.maxConnectionsPerAddress
        requestDeadline = configuration.requestDeadline
        idleTimeout = configuration.idleTimeout
        newcomerPatience = configuration.newcomerPatience
        state = Monitor(State(loads: Array(repeating: ConnectionLoad(), count: loops)))
    }

    enum Room {
        /// In the loop with the least to do.
        case free(loop: Int)
        /// Nobody new is let in any more.
        case closed
    }

    /// Waits until one more connection may be open and a loop is free to serve it at once.
    func waitForRoom() -> Room {
        let room: Room? = state.wait { state in
            guard state.stage == .open else { return .closed }
            guard state.open.count < limit else { return nil }
            let free = state.loads.indices.filter { state.loads[$0].blocking == 0 }
            let best = free.min { state.loads[$0].isLess(than: state.loads[$1]) }
            return best.map { .free(loop: $0) }
        }
        return room ?? .closed
    }

    /// Lets a connection in that was just accepted, before libmicrohttpd is given it.
    /// - Returns: nil when its address has all the connections it may have.
    func admit(_ peer: IPAddress?, socket: Int32, loop: Int) -> Connection? {
        state.withLock { state in
            if let peer, !trusted.contains(peer),
                state.countByAddress[peer.limitPrefix, default: 0] >= limitPerAddress
            {
                return nil
            }
            // One that libmicrohttpd dropped for want of memory, without a word.
            if let lost = state.open[socket] { Self.remove(lost, from: &state) }
            let connection = Connection(peer: peer, socket: socket, loop: loop)
            state.open[socket] = connection
            state.loads[loop] += ConnectionLoad(connection)
            if let peer { state.countByAddress[peer.limitPrefix, default: 0] += 1 }
            return connection
        }
    }

    /// libmicrohttpd begins to serve the connection with this socket.
    func started(_ socket: Int32) -> Connection? {
        state.withLock { state in
            guard let connection = state.open[socket] else { return nil }
            connection.isStarted = true
            connection.deadline = .now + requestDeadline
            return connection
        }
    }

    /// After this nobody touches the socket, whose number may soon be another's.
    func closed(_ connection: Connection) {
        state.withLock { state in
            guard state.open[connection.socket] === connection else { return }
            Self.remove(connection, from: &state)
        }
    }

    private static func remove(_ connection: Connection, from state: inout State) {
        state.open[connection.socket] = nil
        state.loads[connection.loop] -= ConnectionLoad(connection)
        guard let key = connection.peer?.limitPrefix, let count = state.countByAddress[key] else { return }
        state.countByAddress[key] = count > 1 ? count - 1 : nil
    }

    /// Notes that a connection enters a phase, and when it must have left it. What is cut or comes after the close does
    /// not get there: no change is made whose answer cannot reach the client.
    @discardableResult
    func advance(_ connection: Connection, to phase: Connection.Phase) -> Stage {
        state.withLock { state in
            if phase == .queued || phase == .handling, connection.isAborted || state.stage == .closed {
                return .closed
            }
            state.update(connection) {
                connection.phase = phase
                if phase == .queued { connection.isHandedOver = true }
                if phase == .waiting { (connection.isRequestExpected, connection.isHandedOver) = (false, false) }
            }
            switch phase {
            case .waiting:
                connection.isFirstRequest = false
                connection.deadline = .now + idleTimeout
            case .reading:
                // The first request counts from the opening, so a slow request line gains nothing.
                if !connection.isFirstRequest { connection.deadline = .now + requestDeadline }
            case .queued, .handling: connection.deadline = nil
            case .answering: connection.deadline = .now + requestDeadline
            }
            return state.stage
        }
    }
}
