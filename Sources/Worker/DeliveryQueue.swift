import Domain
import Threading

/// What the dispatcher and the lanes share: errands on their way out, reports on their way back.
final class DeliveryQueue: Sendable {
    fileprivate struct State: Sendable {
        var tasks: [DeliveryTask] = []
        var results: [DeliveryResult] = []
        var busy = 0
        /// How often the dispatcher has come for news.
        var cycles = 0
        /// At the start the dispatcher looks for itself.
        var isWoken = true
        var isStopping = false
        var isClosed = false
    }

    /// What the dispatcher was woken for.
    struct Wake: Sendable {
        var results: [DeliveryResult] = []
        var isStopping = false
    }

    private let state = Monitor(State())

    /// There may be work.
    func wake() { state.withLock { $0.isWoken = true } }

    /// No new work from now on; what no lane has begun comes back untried.
    func stop() {
        state.withLock { state in
            state.isStopping = true
            state.returnTasks()
        }
    }

    /// Lanes end once they have nothing in hand.
    func close() { state.withLock { $0.isClosed = true } }

    func enqueue(_ tasks: [DeliveryTask]) {
        state.withLock { state in
            state.tasks += tasks
            if state.isStopping { state.returnTasks() }
        }
    }

    /// The dispatcher waits for news: reports, a ring, or `stop`.
    func nextWake(timeout: Duration) -> Wake {
        state.withLock { $0.cycles += 1 }
        let news: Wake? = state.wait(timeout: timeout) { state in
            guard !state.results.isEmpty || state.isWoken || state.isStopping else { return nil }
            defer {
                state.results = []
                state.isWoken = false
            }
            return Wake(results: state.results, isStopping: state.isStopping)
        }
        return news ?? Wake()
    }

    /// After `stop`: waits for the lanes to report; empty when none did in time.
    func remainingResults(timeout: Duration) -> [DeliveryResult] {
        let results: [DeliveryResult]? = state.wait(timeout: timeout) { state in
            guard !state.results.isEmpty else { return nil }
            defer { state.results = [] }
            return state.results
        }
        return results ?? []
    }

    var cycles: Int { state.withLock { $0.cycles } }

    var busy: Int { state.withLock { $0.busy } }

    /// A lane waits for its next errand; nil when there will be none.
    func nextTask() -> DeliveryTask? {
        let next: DeliveryTask?? = state.wait { state in
            if !state.tasks.isEmpty {
                state.busy += 1
                return .some(state.tasks.removeFirst())
            }
            return state.isClosed ? .some(nil) : nil
        }
        return next ?? nil
    }

    /// A lane is done with an errand. When the relay is at fault nobody else need try: what waits comes back untried.
    func finish(_ result: DeliveryResult) {
        state.withLock { state in
            state.busy -= 1
            state.results.append(result)
            if result.attempt?.delivery.outcome == .relayFault { state.returnTasks() }
        }
    }
}

extension DeliveryQueue.State {
    fileprivate mutating func returnTasks() {
        results += tasks.map { DeliveryResult(task: $0, attempt: nil) }
        tasks = []
    }
}
