/// One number of the queue's history: how often something happened within five minutes. Statistics are written in
/// the transaction of what they count, so that they never tell of what was rolled back, and they outlive the jobs.
package struct Statistic: Sendable, Equatable {
    package enum Name: String, Sendable, CaseIterable {
        /// Jobs that came into the queue.
        case arrived
        /// First claims, labelled by `HistogramBuckets`: seconds from creation to claim.
        case waited
        /// Attempts, labelled by `HistogramBuckets`: seconds from connection to answer.
        case ran
        /// Settled jobs, labelled by `Settlement.Outcome`.
        case finished
        /// Attempts that were in vain and will be repeated, labelled `temporary` or `unknown`.
        case retried
        /// Answers of the relay, labelled `stage/class`: the step and the first digit of the code, `none` without one.
        case replied
        /// Attempts over a connection, labelled `reused` or `new`.
        case connected
        /// Attempts whose outcome nobody knows.
        case ambiguous
        /// Leases that lapsed.
        case lapsed
        /// Settlements that came too late: another claim was newer.
        case fenced
    }

    /// How long one slot is.
    package static let slotLength = TimeSpan.minutes(5)

    /// When the slot began; one millisecond before the epoch for what was counted since the beginning.
    package let slot: Instant
    package let name: Name
    /// The job's kind; empty where it does not matter.
    package let kind: String
    package let label: String
    package let count: Int
    /// Seconds in all, for `waited` and `ran`; 0 otherwise.
    package let total: Double

    package init(slot: Instant, name: Name, kind: String, label: String, count: Int, total: Double) {
        self.slot = slot
        self.name = name
        self.kind = kind
        self.label = label
        self.count = count
        self.total = total
    }

    package static func slot(of instant: Instant) -> Instant {
        let length = slotLength.milliseconds
        return Instant(milliseconds: instant.milliseconds.flooredDivision(by: length).quotient * length)
    }
}

/// The classes that durations are counted in.
package enum HistogramBuckets {
    /// Upper bounds in seconds; what is longer falls into a last class without one.
    package static let bounds = [
        0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900, 1800, 3600,
    ]
    package static let unbounded = "+Inf"
    package static let labels = bounds.map(text) + [unbounded]

    /// The class that a duration falls into: its upper bound as text, as Prometheus writes it.
    package static func label(for seconds: Double) -> String {
        bounds.first { seconds <= $0 }.map(text) ?? unbounded
    }

    private static func text(_ bound: Double) -> String {
        Int64(exactly: bound).map { "\($0)" } ?? "\(bound)"
    }
}

/// Durations as they were counted.
package struct Histogram: Sendable, Equatable {
    /// How many fell into each class, in the order of `HistogramBuckets.labels`.
    package private(set) var counts: [Int]
    /// Seconds in all.
    package private(set) var total: Double

    package init() { self.init([]) }

    package init(_ statistics: some Sequence<Statistic>) {
        var counts = Array(repeating: 0, count: HistogramBuckets.labels.count)
        var total = 0.0
        for statistic in statistics {
            guard let index = HistogramBuckets.labels.firstIndex(of: statistic.label) else { continue }
            counts[index] += statistic.count
            total += statistic.total
        }
        self.counts = counts
        self.total = total
    }

    package mutating func add(_ seconds: Double) {
        guard let index = HistogramBuckets.labels.firstIndex(of: HistogramBuckets.label(for: seconds)) else { return }
        counts[index] += 1
        total += seconds
    }

    package var count: Int { counts.reduce(0, +) }

    /// The seconds that this part of the durations does not exceed, taken to lie evenly within their class; the greatest
    /// bound when they are beyond it; nil when nothing was counted.
    package func quantile(_ part: Double) -> Double? {
        let wanted = part * Double(count)
        guard count > 0 else { return nil }
        var before = 0.0
        for (index, bound) in HistogramBuckets.bounds.enumerated() {
            let within = Double(counts[index])
            if before + within >= wanted, within > 0 {
                let lower = index == 0 ? 0 : HistogramBuckets.bounds[index - 1]
                return lower + (bound - lower) * max(0, wanted - before) / within
            }
            before += within
        }
        return HistogramBuckets.bounds.last
    }
}

/// What a transaction tells about what was counted. The store counts by itself, in the transaction of what it counts.
package protocol StatisticReader {
    /// Slot by slot, from the one that holds `since`; at most the last two days.
    func statistics(since: Instant) throws -> [Statistic]
    /// What was counted since the beginning, each in one sum.
    func totals() throws -> [Statistic]
}
