import Foundation
import Support
import Threading

/// Does one thing after another on a thread of its own until it is told to stop.
final class BackgroundLoad: Sendable {
    private struct State: Sendable {
        var count = 0
        var isStopping = false
        var hasEnded = false
        var failure: (any Error)?
    }

    private let state = Monitor(State())

    /// - Parameter body: takes the number of the turn, from 0; false ends the load as a failure.
    init(_ body: @escaping @Sendable (Int) throws -> Bool) {
        Thread.detachNewThread { [state] in
            do {
                while !state.withLock({ $0.isStopping }) {
                    let number = state.withLock { $0.count }
                    guard try body(number) else { throw SupportFailure("turn \(number) failed") }
                    state.withLock { $0.count += 1 }
                }
            } catch {
                state.withLock { $0.failure = error }
            }
            state.withLock { $0.hasEnded = true }
        }
    }

    /// Turns that succeeded.
    var count: Int { state.withLock { $0.count } }

    func waitForCount(_ count: Int, timeout: Duration = .seconds(60)) throws {
        let reached = state.wait(timeout: timeout) { $0.count >= count || $0.hasEnded ? $0.count : nil }
        if let failure = state.withLock({ $0.failure }) { throw failure }
        guard let reached, reached >= count else { throw SupportFailure("only \(self.count) turns within \(timeout)") }
    }

    /// - Returns: how many turns there were.
    /// - Throws: what ended it early.
    @discardableResult
    func stop() throws -> Int {
        state.withLock { $0.isStopping = true }
        _ = state.wait(timeout: .seconds(60)) { $0.hasEnded ? true : nil }
        if let failure = state.withLock({ $0.failure }) { throw failure }
        return count
    }
}
