import Domain
import Threading

/// What the dispatcher and the lanes share: tasks for the lanes, results for the dispatcher.
final class DeliveryQueue: Sendable {
    fileprivate struct State: Sendable {
        var tasks: [DeliveryTask] = []
        var results: [DeliveryResult] = []
        /// Tasks under way that the relay kept silent at before.
        var suspects = 0
        /// How often the dispatcher has waited for a wake-up.
        var cycles = 0
        /// True at the start, so that the dispatcher reads the queue once.
        var isWoken = true
        var isStopping = false
        var isClosed = false
    }

    /// What a sender is to do next.
    enum Next: Sendable {
        case task(DeliveryTask)
        /// Nothing came in time.
        case idle
        /// There will be no more.
        case closed
    }

    /// What the dispatcher was woken for.
    struct Wake: Sendable {
        var results: [DeliveryResult] = []
        var isStopping = false
    }

    private let state = Monitor(State())
    /// How many of the reserve may begin a task; nil when there will be none any more. By itself, so that the reserve sleeps
    /// while there is nothing for it to do.
    private let gate = Monitor<Int?>(0)
    let activity = SenderActivity()
    /// Senders that take every task; those with higher numbers are the reserve.
    private let senders: Int

    init(senders: Int) { self.senders = senders }

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
    func close() {
        state.withLock { $0.isClosed = true }
        gate.withLock { $0 = nil }
    }

    func enqueue(_ tasks: [DeliveryTask]) {
        state.withLock { state in
            for task in tasks { state.insert(task) }
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

    /// Whether every sender but the reserve has waited for its relay for a while.
    var isStalled: Bool { activity.areWaiting(senders) }

    /// Senders of the reserve that have nothing to do, less the urgent tasks that wait for them.
    func freeReserve(of all: Int) -> Int {
        max(0, all - senders - activity.busy(from: senders) - state.withLock { $0.urgent })
    }

    /// Lets the reserve take the urgent tasks that wait, while every other sender waits for its relay.
    /// - Parameter relay: by which those go that were to go by the first that takes mail; nil where there is no better.
    func admitReserve(by relay: String? = nil) {
        guard isStalled else { return }
        let urgent = state.withLock { state in
            if let relay { state.divertUrgent(to: relay) }
            return state.urgent
        }
        if urgent > 0 { gate.withLock { if $0 != nil { $0 = urgent } } }
    }

    /// Waits for the next task of a sender. The reserve gets urgent ones only, when it is admitted.
    /// - Parameter timeout: nil to wait for as long as it takes.
    func nextTask(for sender: Int, timeout: Duration?) -> Next {
        sender < senders ? next(for: sender, timeout: timeout) : nextOfReserve(sender, timeout: timeout)
    }

    private func next(for sender: Int, timeout: Duration?) -> Next {
        let next: Next? = state.wait(timeout: timeout) { state in
            if let task = state.take(urgentOnly: false) { return .task(task) }
            return state.isClosed ? .closed : nil
        }
        return begin(next ?? .idle, by: sender)
    }

    private func nextOfReserve(_ sender: Int, timeout: Duration?) -> Next {
        while true {
            let isOpen: Bool? = gate.wait(timeout: timeout) { permits in
                guard let left = permits else { return false }
                guard left > 0 else { return nil }
                permits = left - 1
                return true
            }
            guard let isOpen else { return .idle }
            guard isOpen else { return .closed }
            if let task = state.withLock({ $0.take(urgentOnly: true) }) { return begin(.task(task), by: sender) }
        }
    }

    private func begin(_ next: Next, by sender: Int) -> Next {
        if case .task(let task) = next { activity.begin("render", at: task.relay, by: sender) }
        return next
    }

    /// Returns a result. When the relay is at fault, tasks that wait for it are returned untried.
    func finish(_ result: DeliveryResult, by sender: Int) {
        activity.end(by: sender)
        state.withLock { state in
            if result.task.isSuspect { state.suspects -= 1 }
            state.results.append(result)
            if result.attempt?.delivery.outcome == .relayFault { state.returnTasks { $0.relay == result.task.relay } }
        }
    }
}

extension DeliveryQueue.State {
    fileprivate var urgent: Int { tasks.count { $0.job.jobClass == .urgent } }

    /// Takes the first task that may begin: of those that the relay kept silent at, one at a time.
    fileprivate mutating func take(urgentOnly: Bool) -> DeliveryTask? {
        let place = tasks.firstIndex { task in
            urgentOnly ? task.job.jobClass == .urgent && !task.isSuspect : !task.isSuspect || suspects == 0
        }
        guard let place else { return nil }
        let task = tasks.remove(at: place)
        if task.isSuspect { suspects += 1 }
        return task
    }

    /// Before the tasks of less urgent classes.
    fileprivate mutating func insert(_ task: DeliveryTask) {
        let order = JobClass.allCases
        let rank = order.firstIndex(of: task.job.jobClass) ?? order.count
        let place = tasks.firstIndex { (order.firstIndex(of: $0.job.jobClass) ?? order.count) > rank }
        tasks.insert(task, at: place ?? tasks.endIndex)
    }

    fileprivate mutating func divertUrgent(to relay: String) {
        for place in tasks.indices where tasks[place].job.jobClass == .urgent && tasks[place].preference == .first {
            tasks[place].relay = relay
        }
    }

    fileprivate mutating func returnTasks(where isReturned: (DeliveryTask) -> Bool = { _ in true }) {
        results += tasks.filter(isReturned).map { DeliveryResult(task: $0, attempt: nil) }
        tasks.removeAll(where: isReturned)
    }
}
