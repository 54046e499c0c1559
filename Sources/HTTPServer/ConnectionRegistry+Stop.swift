import Glibc
import Threading

/// How connections end that do not end by themselves.
extension ConnectionRegistry {
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

    /// Lets nobody new in; each answer from now on is its connection's last.
    func closeDoors() {
        state.withLock { $0.stage = .draining }
    }

    /// Waits for that, without holding the state.
    /// - Returns: whether nobody new is let in any more.
    func areDoorsClosed(within time: Duration) -> Bool {
        state.wait(timeout: time) { $0.stage != .open ? true : nil } ?? false
    }

    /// Closes idle connections and waits until no request is under way. Who has just connected, or has sent what is not read
    /// yet, is waited for a while: it cannot tell whether its request was taken up, so it could not safely ask again.
    func drain(atMost limit: Duration) {
        let end = ContinuousClock.now + limit
        state.withLock { state in
            for connection in state.open.values where connection.isStarted && !connection.isBusy {
                if connection.hasUnreadBytes {
                    state.update(connection) { connection.isRequestExpected = true }
                } else {
                    connection.abort()
                }
            }
        }
        _ = state.wait(timeout: min(limit, newcomerPatience)) { $0.load.busy == 0 ? true : nil }
        state.withLock { state in
            for connection in state.open.values where connection.isStarted && connection.phase == .waiting {
                connection.abort()
            }
        }
        waitUntilDrained(atMost: end - .now)
    }

    /// Cuts requests that are not complete or that no handler has begun with; gives handlers at work and answers on their way
    /// a last second.
    /// - Returns: whether all handlers have come back.
    func close() -> Bool {
        isClosed.withLock { $0 = true }
        state.withLock { state in
            state.stage = .closed
            for connection in state.open.values where [.reading, .queued].contains(connection.phase) {
                connection.abort()
            }
        }
        waitUntilDrained(atMost: .seconds(1))
        return state.withLock { $0.load.handling == 0 }
    }

    private func waitUntilDrained(atMost limit: Duration) {
        _ = state.wait(timeout: limit) { $0.load.inFlight == 0 ? true : nil }
    }
}
