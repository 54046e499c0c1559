import Domain

/// What was counted since the beginning, as sums over whatever is not asked for.
struct StatisticTotals: Sendable {
    private let statistics: [Statistic.Name: [Statistic]]

    init(_ totals: [Statistic]) { statistics = Dictionary(grouping: totals, by: \.name) }

    /// - Parameters:
    ///   - kind: as `Metrics` tells it: one of ours, or that of all others.
    ///   - label: nil for all labels together.
    func count(_ name: Statistic.Name, kind: String? = nil, label: String? = nil) -> Int {
        matching(name, kind).reduce(0) { $0 + (label == nil || $1.label == label ? $1.count : 0) }
    }

    func durations(_ name: Statistic.Name, kind: String) -> Histogram { Histogram(matching(name, kind)) }

    private func matching(_ name: Statistic.Name, _ kind: String?) -> [Statistic] {
        statistics[name, default: []].filter { kind == nil || Metrics.kind($0.kind) == kind }
    }

    /// Applications that somebody has logged in to.
    var applications: [String] { Set(statistics[.loggedIn, default: []].map(\.label)).sorted() }

    /// Relays that were tried.
    var relays: Set<String> {
        Set(
            statistics[.attempted, default: []].compactMap { statistic in
                statistic.label.firstIndex(of: "/").map { String(statistic.label[$0...].dropFirst()) }
            })
    }

    /// Every step an attempt can end at, with every class of replies.
    var replies: [(stage: String, class: String, count: Int)] {
        let classes = [("2xx", "2"), ("4xx", "4"), ("5xx", "5"), ("none", "none")]
        return Delivery.stages.flatMap { stage in
            classes.map { name, digit in (stage, name, count(.replied, label: "\(stage)/\(digit)")) }
        }
    }
}
