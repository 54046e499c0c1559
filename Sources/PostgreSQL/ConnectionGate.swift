import Threading

/// Keeps those who need a connection from queueing before servers that do not answer: after a failure one of them tries, from
/// time to time, and all others are told at once.
package final class ConnectionGate: Sendable {
    private struct State: Sendable {
        /// Why the last attempt failed; nil when it did not.
        var failure: PostgreSQLError?
        /// Nobody tries before.
        var nextAttempt = ContinuousClock.now
        var isAttempted = false
    }

    /// From a failure to the next attempt.
    private static let pause = Duration.milliseconds(500)

    private let state = Monitor(State())

    package init() {}

    /// Runs `connect`, unless it would fail as it did a moment ago.
    /// - Throws: what `connect` throws, or has thrown before.
    func pass<Result>(_ connect: () throws -> Result) throws -> Result {
        try state.withLock { state in
            guard let failure = state.failure else { return }
            guard !state.isAttempted, state.nextAttempt <= .now else { throw failure }
            state.isAttempted = true
        }
        do {
            let result = try connect()
            state.withLock { $0 = State() }
            return result
        } catch {
            close(error as? PostgreSQLError ?? PostgreSQLError(message: "\(error)"))
            throw error
        }
    }

    /// The servers are known not to answer.
    func close(_ failure: PostgreSQLError) {
        state.withLock { $0 = State(failure: failure, nextAttempt: .now + Self.pause) }
    }
}
