import Domain
import Threading

/// What the dispatcher and the lanes share: tasks for the lanes, results for the dispatcher.
final class DeliveryQueue: Sendable {
    fileprivate struct State: Sendable {
        var tasks: [DeliveryTask] = []
        var results: [DeliveryResult] = []
        var busy = 0
        /// How often the dispatcher has waited for a wake-up.
        var cycles = 0
        /// True at the start, so that the dispatcher reads the queue once.
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

    /// Accepts no new work; tasks that no lane has begun are returned untried.
    func stop() {
        state.withLock { state in
            state.isStopping = true
            state.returnTasks()
        }
    }

    /// Lanes end when no task is left.
    func close() { state.withLock { $0.isClosed = true } }

    func enqueue(_ tasks: [DeliveryTask]) {
        state.withLock { state in
            state.tasks += tasks
            if state.isStopping { state.returnTasks() }
        }
    }

    /// Waits for results, a wake-up or `stop`. Called by the dispatcher.
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

    /// Waits for the next task; nil when there will be none. Called by the lanes.
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

    /// Returns a result. When the relay is at fault, waiting tasks are returned untried.
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
