import Foundation

/// What the drill did and what came of it, as a table.
struct FailoverSummary: CustomStringConvertible {
    private let history: FailoverHistory
    private let check: FailoverCheck
    private let opened: Int

    init(_ history: FailoverHistory, _ check: FailoverCheck, opened: Int) {
        (self.history, self.check, self.opened) = (history, check, opened)
    }

    /// That somebody got who asked for a reset or opened a link.
    var slowestAnswer: Duration { history.entries.map(\.took).max() ?? .zero }

    var description: String {
        let faults = history.faults.sorted { $0.key < $1.key }.map { ($0.key, "\($0.value)") }
        let rows: [(String, String)] =
            [
                ("seed", "\(history.seed)"),
                ("requests acknowledged", "\(history.acknowledged.count)"),
                ("answers of 503", "\(history.count { if case .refused = $0 { true } else { false } })"),
                ("no answer", "\(history.count { if case .unanswered = $0 { true } else { false } })"),
                ("links opened", "\(opened)"),
                ("mails with a link", "\(check.mails)"),
                ("of these repeated", "\(check.repeats)"),
                ("slowest answer", FailoverHistory.text(slowestAnswer)),
            ] + faults
            + FailoverHistory.Span.allCases.map {
                ("longest \($0.rawValue)", FailoverHistory.text(history.longest($0)))
            }
        return rows.map { "\($0.0.padding(toLength: 24, withPad: " ", startingAt: 0)) \($0.1)" }.joined(separator: "\n")
    }
}
