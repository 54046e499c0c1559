import Domain
import Threading

/// Tells the service manager that the service lives, as long as every part of it does.
///
/// Each part is asked on a thread of its own, again and again, in a way that a hang would hold up: the writer for a
/// transaction, the servers for an answer over their own sockets, the dispatcher for its next turn. A part that *fails* is
/// alive: a full disk or a locked database is told by /readyz and alerts, and a restart would not mend it. A part that
/// does not come back within the manager's time is what a restart is for.
final class Watchdog: Sendable {
    /// One part that may hang.
    struct Component: Sendable {
        let name: String
        /// Returns once the part has shown that it works; does not return, or answers false, when it hangs.
        let ask: @Sendable () -> Bool
    }

    private struct State: Sendable {
        /// By the clock that the manager counts with, which stands still while the machine sleeps: nobody can answer then.
        var answeredAt: [String: SuspendingClock.Instant] = [:]
        var isStopping = false
    }

    private let state = Monitor(State())

    /// Starts immediately; ends with `stop` or the process.
    /// - Parameters:
    ///   - interval: after which the manager would act; it is notified twice as often.
    ///   - alive: called while every part is alive.
    ///   - stuck: called with the names of the parts that are not.
    init(
        _ composition: [Component], interval: Duration, reportAlive: @escaping @Sendable () -> Void,
        stuck: @escaping @Sendable ([String]) -> Void
    ) {
        let (state, pause) = (state, interval / 2)
        let start = SuspendingClock.now
        state.withLock { state in for part in composition { state.answeredAt[part.name] = start } }
        // A thread that hangs in a part is never joined: the process is about to be ended.
        for part in composition {
            _ = Thread(name: "pulih-pulse") {
                while Self.waits(pause / 2, state) {
                    if part.ask() { state.withLock { $0.answeredAt[part.name] = .now } }
                }
            }
        }
        _ = Thread(name: "pulih-watchdog") {
            repeat {
                let silent = state.withLock { state in
                    state.answeredAt.filter { SuspendingClock.now - $0.value > interval }.keys.sorted()
                }
                silent.isEmpty ? reportAlive() : stuck(silent)
            } while Self.waits(pause, state)
        }
    }

    func stop() { state.withLock { $0.isStopping = true } }

    /// - Returns: false when it is time to end.
    private static func waits(_ pause: Duration, _ state: Monitor<State>) -> Bool {
        let isStopping: Bool? = state.wait(timeout: pause) { $0.isStopping ? true : nil }
        return isStopping == nil
    }
}
