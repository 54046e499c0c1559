import Domain
import Threading

/// What the dispatcher and the lanes share: tasks for the lanes, results for the dispatcher.
final class DeliveryQueue: Sendable {
    /// What the lanes wait for.
    fileprivate struct Work: Sendable {
        var tasks: [DeliveryTask] = []
        /// Tasks under way that the relay kept silent at before.
        var suspects = 0
        /// Tasks are returned untried.
        var isStopping = false
        var isClosed = false
    }

    /// What the dispatcher waits for.
    private struct News: Sendable {
        var results: [DeliveryResult] = []
        /// How often the dispatcher has waited for a wake-up.
        var cycles = 0
        /// True at the start, so that the dispatcher reads the queue once.
        var isWoken = true
        var isStopping = false
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

    /// Apart from each other, so that the end of a mail wakes no lane and a new task no dispatcher.
    private let work = Monitor(Work())
    private let news = Monitor(News())
    /// How many of the reserve may begin a task; nil when there will be none any more. By itself, so that the reserve sleeps
    /// while there is nothing for it to do.
    private let gate = Monitor<Int?>(0)
    let activity: SenderActivity
    /// Senders that take every task; those with higher numbers are the reserve.
    private let senders: Int

    /// - Parameter all: with the reserve.
    init(senders: Int, of all: Int) {
        self.senders = senders
        activity = SenderActivity(senders: all)
    }

    /// There may be work.
    func wake() { news.withLock { $0.isWoken = true } }

    /// Accepts no new work; tasks that no lane has begun are returned untried.
    func stop() {
        let tasks = work.withLock { work in
            work.isStopping = true
            return work.remove { _ in true }
        }
        news.withLock { news in
            news.isStopping = true
            news.results += tasks.map(Self.untried)
        }
    }

    /// Lanes end when no task is left.
    func close() {
        work.withLock { $0.isClosed = true }
        gate.withLock { $0 = nil }
    }

    func enqueue(_ tasks: [DeliveryTask]) {
        let isStopping = work.withLock(waking: tasks.count) { work in
            if !work.isStopping { for task in tasks { work.insert(task) } }
            return work.isStopping
        }
        if isStopping { news.withLock { $0.results += tasks.map(Self.untried) } }
    }

    private static func untried(_ task: DeliveryTask) -> DeliveryResult { DeliveryResult(task: task, attempt: nil) }

    /// Waits for results, a wake-up or `stop`. Called by the dispatcher.
    ///
    /// A commit costs much the same for one result as for many. While tasks are left that no lane has begun, no lane waits for the
    /// commit, and results are gathered for a moment.
    /// - Parameter gatheringTime: how long at most.
    func nextWake(timeout: Duration, gatheringFor gatheringTime: Duration) -> Wake {
        news.withLock { $0.cycles += 1 }
        _ = news.wait(timeout: timeout) { news in
            news.isWoken || news.isStopping || !news.results.isEmpty ? true : nil
        }
        let left = work.withLock(waking: 0) { $0.tasks.count }
        if left > 0 {
            // With each result one of them is begun.
            _ = news.wait(timeout: gatheringTime) { news in
                news.isStopping || news.results.count >= left ? true : nil
            }
        }
        return takeNews()
    }

    private func takeNews() -> Wake {
        news.withLock { news in
            defer {
                news.results = []
                news.isWoken = false
            }
            return Wake(results: news.results, isStopping: news.isStopping)
        }
    }

    /// After `stop`: waits for the lanes to report; empty when none did in time.
    func remainingResults(timeout: Duration) -> [DeliveryResult] {
        let results: [DeliveryResult]? = news.wait(timeout: timeout) { news in
            guard !news.results.isEmpty else { return nil }
            defer { news.results = [] }
            return news.results
        }
        return results ?? []
    }

    var cycles: Int { news.withLock { $0.cycles } }

    /// Whether every sender but the reserve has waited for its relay for a while.
    var isStalled: Bool { activity.areWaiting(senders) }

    /// Senders of the reserve that have nothing to do, less the urgent tasks that wait for them.
    func freeReserve(of all: Int) -> Int {
        max(0, all - senders - activity.busy(from: senders) - work.withLock(waking: 0) { $0.urgent })
    }

    /// Lets the reserve take the urgent tasks that wait, while every other sender waits for its relay.
    /// - Parameter relay: by which those go that were to go by the first that takes mail; nil where there is no better.
    func admitReserve(by relay: String? = nil) {
        guard isStalled else { return }
        let urgent = work.withLock(waking: 0) { work in
            if let relay { work.divertUrgent(to: relay) }
            return work.urgent
        }
        if urgent > 0 { gate.withLock { if $0 != nil { $0 = urgent } } }
    }

    /// Waits for the next task of a sender. The reserve gets urgent ones only, when it is admitted.
    /// - Parameter timeout: nil to wait for as long as it takes.
    func nextTask(for sender: Int, timeout: Duration?) -> Next {
        sender < senders ? next(for: sender, timeout: timeout) : nextOfReserve(sender, timeout: timeout)
    }

    private func next(for sender: Int, timeout: Duration?) -> Next {
        let next: Next? = work.wait(timeout: timeout) { work in
            if let task = work.take(urgentOnly: false) { return .task(task) }
            return work.isClosed ? .closed : nil
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
            if let task = work.withLock(waking: 0, { $0.take(urgentOnly: true) }) {
                return begin(.task(task), by: sender)
            }
        }
    }

    private func begin(_ next: Next, by sender: Int) -> Next {
        if case .task(let task) = next { activity.begin("render", at: task.relay, by: sender) }
        return next
    }

    /// Returns a result. When the relay is at fault, tasks that wait for it are returned untried.
    func finish(_ result: DeliveryResult, by sender: Int) {
        activity.end(by: sender)
        if result.task.isSuspect { work.withLock(waking: 1) { $0.suspects -= 1 } }
        var results = [result]
        if result.attempt?.delivery.outcome == .relayFault {
            let relay = result.task.relay
            results += work.withLock(waking: 0) { $0.remove { $0.relay == relay } }.map(Self.untried)
        }
        news.withLock { [results] in $0.results += results }
    }
}

extension DeliveryQueue.Work {
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
        // From the end, where most belong.
        let last = tasks.lastIndex { (order.firstIndex(of: $0.job.jobClass) ?? order.count) <= rank }
        tasks.insert(task, at: last.map { $0 + 1 } ?? tasks.startIndex)
    }

    fileprivate mutating func divertUrgent(to relay: String) {
        for place in tasks.indices where tasks[place].job.jobClass == .urgent && tasks[place].preference == .first {
            tasks[place].relay = relay
        }
    }

    fileprivate mutating func remove(where isRemoved: (DeliveryTask) -> Bool) -> [DeliveryTask] {
        let removed = tasks.filter(isRemoved)
        tasks.removeAll(where: isRemoved)
        return removed
    }
}
