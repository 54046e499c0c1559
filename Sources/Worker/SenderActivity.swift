import Threading

/// What the senders are doing, for those who want to know whether they wait for the relay. Nobody waits for a change here:
/// each mail makes several.
final class SenderActivity: Sendable {
    private struct Step: Sendable {
        let relay: String
        let stage: String
        let startedAt: ContinuousClock.Instant
    }

    private let steps = Monitor<[Int: Step]>([:])

    /// From when on an answer counts as one that is waited for.
    private static let threshold = Duration.seconds(1)

    /// A sender begins another step of its conversation with a relay.
    func begin(_ stage: String, at relay: String, by sender: Int) {
        steps.withLock { $0[sender] = Step(relay: relay, stage: stage, startedAt: .now) }
    }

    /// A sender has nothing to do.
    func end(by sender: Int) { steps.withLock { $0[sender] = nil } }

    var busy: Int { steps.withLock { $0.count } }

    /// How many of the senders from this number on have something to do.
    func busy(from sender: Int) -> Int { steps.withLock { $0.keys.count { $0 >= sender } } }

    /// Whether all senders up to this number have waited for their relay for a while.
    func areWaiting(_ senders: Int) -> Bool {
        let latest = ContinuousClock.now - Self.threshold
        return steps.withLock { steps in
            (0..<senders).allSatisfy { sender in steps[sender].map { $0.startedAt < latest } ?? false }
        }
    }

    /// How many senders send by each relay, and how many of them have waited for one answer for a while.
    var byRelay: [String: (busy: Int, waiting: Int)] {
        let now = ContinuousClock.now
        return steps.withLock { steps in
            Dictionary(grouping: steps.values, by: \.relay).mapValues { steps in
                (steps.count, steps.count { now - $0.startedAt > Self.threshold })
            }
        }
    }

    /// The relay that most senders wait for.
    var slowestRelay: String? {
        byRelay.filter { $0.value.waiting > 0 }.max { $0.value.waiting < $1.value.waiting }?.key
    }

    /// Senders that have waited for one answer for a while: how many, at which step most of them, since when the first.
    var waiting: (count: Int, stage: String, time: Duration)? {
        let now = ContinuousClock.now
        let waiting = steps.withLock { $0.values.filter { now - $0.startedAt > Self.threshold } }
        guard let first = waiting.map(\.startedAt).min() else { return nil }
        let stages = Dictionary(grouping: waiting, by: \.stage).mapValues(\.count)
        let most = stages.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? ""
        return (waiting.count, most, now - first)
    }
}
