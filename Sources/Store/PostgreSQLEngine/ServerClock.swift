import Domain
import SQL
import Threading

/// By how much the server's clock is ahead of this machine's: measured when the database is opened, after a change of the
/// server, and from time to time on the connection that writes.
final class ServerClock: Sendable {
    private struct State: Sendable {
        var offset = TimeSpan.seconds(0)
        var isDueAt = ContinuousClock.now
        /// The server's process that was asked.
        var backend: Int32?
        var listeners: [@Sendable (TimeSpan) -> Void] = []
    }

    /// Clocks that are kept right drift by less than a millisecond meanwhile; one that is set is noticed soon enough.
    private static let pause = Duration.seconds(60)

    private let state = Monitor(State())

    var offset: TimeSpan { state.withLock { $0.offset } }

    /// Calls `listener` with what is known now, and after each measurement. It must not block.
    func onMeasurement(_ listener: @escaping @Sendable (TimeSpan) -> Void) {
        let offset = state.withLock { state in
            state.listeners.append(listener)
            return state.offset
        }
        listener(offset)
    }

    /// Measures when it is time to.
    /// - Parameter backend: the server's process that serves the connection, another one on another server.
    func refresh(_ connection: any Connection, backend: Int32, by clock: any Clock) {
        let isDue = state.withLock { state in
            let isDue = ContinuousClock.now >= state.isDueAt || state.backend != backend
            if isDue { (state.isDueAt, state.backend) = (ContinuousClock.now + Self.pause, backend) }
            return isDue
        }
        // What cannot be measured now is as it was.
        guard isDue, let offset = try? Self.measure(connection, by: clock) else { return }
        let listeners = state.withLock { state in
            state.offset = offset
            return state.listeners
        }
        for listener in listeners { listener(offset) }
    }

    /// Of a few questions the one that was answered soonest tells best: the server looked at its clock somewhere between
    /// question and answer, and is taken to have done so in the middle.
    /// - Returns: nil where our own clock was set meanwhile.
    static func measure(_ connection: any Connection, by clock: any Clock) throws -> TimeSpan? {
        var best: (roundTrip: Int64, offset: Int64)?
        for _ in 0..<4 {
            let start = clock.now().milliseconds
            let answer = try connection.first(question) { $0.integer(0) }
            let end = clock.now().milliseconds
            guard let answer, end >= start, end - start < best?.roundTrip ?? .max else { continue }
            best = (end - start, answer - (start + (end - start) / 2))
        }
        return best.map { .milliseconds($0.offset) }
    }

    private static let question = "SELECT CAST(floor(extract(epoch FROM clock_timestamp()) * 1000) AS bigint)"
}
