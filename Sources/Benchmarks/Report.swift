import CommandLine

/// All that a run has found out.
package struct Report: Sendable {
    /// What one line has found out.
    package struct Result: Sendable {
        package let line: String
        /// What keeps the line from its target, where a target is missed.
        private let knownLimit: String
        package var comparisons: [Comparison] = []
        package var details: [Detail] = []
        /// How long it took.
        package var seconds = 0.0
        /// Why it has not come to its end.
        package var failure: String?

        package init(_ line: String, limit: String = "") { (self.line, knownLimit) = (line, limit) }

        /// nil while every target is met, or nothing is known of what is in the way.
        var limit: String? {
            comparisons.contains { $0.isMet == false } && !knownLimit.isEmpty ? knownLimit : nil
        }
    }

    /// Name and value, in the order in which they are told.
    package let machine: [(String, String)]
    package let versions: [(String, String)]
    /// Of one reset mail as it is sent, headers and body; nil when no mail was needed.
    package var messageBytes: Int?
    package var results: [Result] = []

    package init(machine: [(String, String)], versions: [(String, String)]) {
        self.machine = machine
        self.versions = versions
    }

    /// Wider than this no line of the table is.
    static let width = 120

    /// The table for people.
    package var table: String {
        let facts = machine + [("versions", versions.map { "\($0) \($1)" }.joined(separator: ", "))]
        let mail = messageBytes.map { [("a mail", "\(figure(Double($0))) bytes, headers and body")] } ?? []
        let head = ["", "figure", "unit", "ratio", "spread", "target", "met"]
        let rows = results.flatMap(rows)
        let fixed = (1..<head.count).map { column in ([head] + rows).map { $0[column].count }.max() ?? 0 }
        let room = Self.width - fixed.reduce(0) { $0 + $1 + 2 }
        let cut = rows.map { row in [Self.cut(row[0], to: room)] + row.dropFirst() }
        return TextTable.definitions(facts + mail, width: Self.width) + "\n\n"
            + Self.withoutTrailingSpaces(TextTable.rows(head, cut, numbers: [1, 3]))
            + remarks
    }

    /// What keeps lines from their targets, then what could not be measured.
    private var remarks: String {
        let limits = results.compactMap { result in result.limit.map { (result.line, $0) } }
        let failures = results.compactMap { result in result.failure.map { "\n\(result.line): \($0)" } }
        return (limits.isEmpty ? "" : "\n\nIn the way of targets\n" + TextTable.definitions(limits, width: Self.width))
            + failures.joined()
    }

    private func rows(_ result: Result) -> [[String]] {
        let compared = result.comparisons.flatMap { comparison in
            let (measure, spread) = (comparison.measure, [comparison.lowest, comparison.highest])
            let met = comparison.isMet.map { $0 ? "yes" : "no" } ?? ""
            return [
                [
                    measure.name, "", "", fixed(comparison.ratio, places: 2),
                    spread.map { fixed($0, places: 2) }.joined(separator: " to "), measure.target?.text ?? "", met,
                ],
                ["  " + measure.one, figure(comparison.one), measure.unit, "", "", "", ""],
                ["  " + measure.other, figure(comparison.other), measure.unit, "", "", "", ""],
            ]
        }
        let title = result.comparisons.isEmpty && !result.details.isEmpty
        return (title ? [[result.line, "", "", "", "", "", ""]] : []) + compared
            + result.details.map { ["  " + $0.name, figure($0.value), $0.unit, "", "", "", ""] }
    }

    private static func withoutTrailingSpaces(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            let spaces = line.reversed().prefix { $0 == " " }.count
            return String(line.dropLast(spaces))
        }.joined(separator: "\n")
    }

    private static func cut(_ text: String, to width: Int) -> String {
        text.count <= width ? text : text.prefix(max(width - 1, 0)) + "…"
    }
}
