import Threading

/// What the senders are doing, for those who want to know whether they wait for the relay. Each sender notes its steps by
/// itself, since each mail makes several.
final class SenderActivity: Sendable {
    private struct Step: Sendable {
        let relay: String
        let stage: String
        let startedAt: ContinuousClock.Instant
    }

    /// Of each sender; nil when it has nothing to do.
    private let steps: [Monitor<Step?>]

    /// From when on an answer counts as one that is waited for.
    private static let threshold = Duration.seconds(1)

    init(senders: Int) { steps = (0..<senders).map { _ in Monitor(nil) } }

    /// A sender begins another step of its conversation with a relay.
    func begin(_ stage: String, at relay: String, by sender: Int) {
        let step = Step(relay: relay, stage: stage, startedAt: .now)
        steps[sender].withLock { $0 = step }
    }

    /// A sender has nothing to do.
    func end(by sender: Int) { steps[sender].withLock { $0 = nil } }

    var busy: Int { current.count }

    /// How many of the senders from this number on have something to do.
    func busy(from sender: Int) -> Int { steps.dropFirst(sender).count { $0.withLock { $0 } != nil } }

    private var current: [Step] { steps.compactMap { $0.withLock { $0 } } }

    /// Whether all senders up to this number have waited for their relay for a while.
    func areWaiting(_ senders: Int) -> Bool {
        let latest = ContinuousClock.now - Self.threshold
        return steps.prefix(senders).allSatisfy { step in step.withLock { $0 }.map { $0.startedAt < latest } ?? false }
    }

    /// How many senders send by each relay, and how many of them have waited for one answer for a while.
    var byRelay: [String: (busy: Int, waiting: Int)] {
        let now = ContinuousClock.now
        return Dictionary(grouping: current, by: \.relay).mapValues { steps in
            (steps.count, steps.count { now - $0.startedAt > Self.threshold })
        }
    }

    /// The relay that most senders wait for.
    var slowestRelay: String? {
        byRelay.filter { $0.value.waiting > 0 }.max { $0.value.waiting < $1.value.waiting }?.key
    }

    /// Senders that have waited for one answer for a while: how many, at which step most of them, since when the first.
    var waiting: (count: Int, stage: String, time: Duration)? {
        let now = ContinuousClock.now
        let waiting = current.filter { now - $0.startedAt > Self.threshold }
        guard let first = waiting.map(\.startedAt).min() else { return nil }
        let stages = Dictionary(grouping: waiting, by: \.stage).mapValues(\.count)
        let most = stages.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? ""
        return (waiting.count, most, now - first)
    }
}
