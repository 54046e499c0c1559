import Domain
import Threading

/// What the dispatcher and the lanes share: tasks for the lanes, results for the dispatcher.
final class DeliveryQueue: Sendable {
    fileprivate struct State: Sendable {
        var tasks: [DeliveryTask] = []
        var results: [DeliveryResult] = []
        /// What each sender that is busy does.
        var activities: [Int: Activity] = [:]
        /// How often the dispatcher has waited for a wake-up.
        var cycles = 0
        /// True at the start, so that the dispatcher reads the queue once.
        var isWoken = true
        var isStopping = false
        var isClosed = false
    }

    /// What a sender is doing.
    fileprivate struct Activity: Sendable {
        let task: DeliveryTask
        let startedAt = ContinuousClock.now
        /// Of the conversation with the relay.
        var stage = "render"
        var stageStartedAt = ContinuousClock.now
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
    /// Senders that take every task; those with higher numbers are the reserve.
    private let senders: Int

    /// From when on an answer counts as one that is waited for.
    private static let waitThreshold = Duration.seconds(1)
    /// How often the reserve looks whether all others wait.
    private static let reserveInterval = Duration.milliseconds(200)

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
    func close() { state.withLock { $0.isClosed = true } }

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

    var busy: Int { state.withLock { $0.activities.count } }

    /// Whether every sender but the reserve has waited for its relay for a while.
    var isStalled: Bool { state.withLock { $0.isStalled(senders, since: .now - Self.waitThreshold) } }

    /// Senders of the reserve that have nothing to do, less the urgent tasks that wait for them.
    func freeReserve(of all: Int) -> Int {
        state.withLock { state in
            let busy = state.activities.keys.count { $0 >= senders }
            return max(0, all - senders - busy - state.tasks.count { $0.job.jobClass == .urgent })
        }
    }

    /// Senders that have waited for one answer for a while: how many, at which step most, since when the first.
    var waiting: (count: Int, stage: String, time: Duration)? {
        state.withLock { state in
            let now = ContinuousClock.now
            let waiting = state.activities.values.filter { now - $0.stageStartedAt > Self.waitThreshold }
            guard let first = waiting.map(\.stageStartedAt).min() else { return nil }
            let stages = Dictionary(grouping: waiting, by: \.stage).mapValues(\.count)
            let most = stages.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? ""
            return (waiting.count, most, now - first)
        }
    }

    /// Waits for the next task of a sender. The reserve gets urgent ones only, while all others wait for the relay.
    /// - Parameter timeout: nil to wait for as long as it takes.
    func nextTask(for sender: Int, timeout: Duration?) -> Next {
        let deadline = timeout.map { ContinuousClock.now + $0 }
        while true {
            let left = deadline.map { max(.zero, $0 - .now) }
            let hasUrgent = sender >= senders && state.withLock { $0.hasUrgent }
            let patience = hasUrgent ? min(left ?? Self.reserveInterval, Self.reserveInterval) : left
            let next: Next?? = state.wait(timeout: patience) { state in
                if let task = state.take(for: sender, senders: senders, since: .now - Self.waitThreshold) {
                    return .some(.task(task))
                }
                if state.isClosed { return .some(.closed) }
                // An urgent task came: look again by the clock.
                return sender >= senders && state.hasUrgent != hasUrgent ? .some(nil) : nil
            }
            if let next = next ?? nil { return next }
            if let deadline, deadline <= .now { return .idle }
        }
    }

    /// A sender begins another step of its conversation.
    func report(stage: String, of sender: Int) {
        state.withLock { state in
            state.activities[sender]?.stage = stage
            state.activities[sender]?.stageStartedAt = .now
        }
    }

    /// Returns a result. When the relay is at fault, waiting tasks are returned untried.
    func finish(_ result: DeliveryResult, by sender: Int) {
        state.withLock { state in
            state.activities[sender] = nil
            state.results.append(result)
            if result.attempt?.delivery.outcome == .relayFault { state.returnTasks() }
        }
    }
}

extension DeliveryQueue.State {
    fileprivate var hasUrgent: Bool { tasks.contains { $0.job.jobClass == .urgent } }

    /// Whether all of `senders` began what they do before `time`.
    fileprivate func isStalled(_ senders: Int, since time: ContinuousClock.Instant) -> Bool {
        (0..<senders).allSatisfy { sender in activities[sender].map { $0.stageStartedAt < time } ?? false }
    }

    /// Takes the first task that this sender may begin: of those that the relay kept silent at, one at a time.
    fileprivate mutating func take(
        for sender: Int, senders: Int, since time: ContinuousClock.Instant
    ) -> DeliveryTask? {
        let isReserve = sender >= senders
        guard !isReserve || isStalled(senders, since: time) else { return nil }
        let hasSuspect = activities.values.contains(where: \.task.isSuspect)
        let place = tasks.firstIndex { task in
            (!isReserve || task.job.jobClass == .urgent) && !(task.isSuspect && (hasSuspect || isReserve))
        }
        guard let place else { return nil }
        let task = tasks.remove(at: place)
        activities[sender] = DeliveryQueue.Activity(task: task)
        return task
    }

    /// Before the tasks of less urgent classes.
    fileprivate mutating func insert(_ task: DeliveryTask) {
        let order = JobClass.allCases
        let rank = order.firstIndex(of: task.job.jobClass) ?? order.count
        let place = tasks.firstIndex { (order.firstIndex(of: $0.job.jobClass) ?? order.count) > rank }
        tasks.insert(task, at: place ?? tasks.endIndex)
    }

    fileprivate mutating func returnTasks() {
        results += tasks.map { DeliveryResult(task: $0, attempt: nil) }
        tasks = []
    }
}
