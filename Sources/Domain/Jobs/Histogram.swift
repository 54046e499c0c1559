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
