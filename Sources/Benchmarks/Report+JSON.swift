package import JSON

extension Report {
    /// The document for programs: everything that the table tells, and each round.
    package var json: JSONTree {
        .object([
            "machine": Self.object(machine), "versions": Self.object(versions),
            "message_bytes": messageBytes.map { .number(Double($0)) } ?? .null,
            "lines": .list(results.map(Self.tree)),
        ])
    }

    private static func object(_ pairs: [(String, String)]) -> JSONTree {
        .object(Dictionary(pairs.map { ($0.replacing(" ", with: "_"), .text($1)) }) { $1 })
    }

    private static func tree(_ result: Result) -> JSONTree {
        .object([
            "line": .text(result.line), "seconds": .number(result.seconds),
            "failure": result.failure.map { .text($0) } ?? .null,
            "limit": result.limit.map { .text($0) } ?? .null,
            "comparisons": .list(result.comparisons.map(tree)),
            "details": .list(
                result.details.map { detail in
                    .object([
                        "name": .text(detail.name), "value": .number(detail.value), "unit": .text(detail.unit),
                    ])
                }),
        ])
    }

    private static func tree(_ comparison: Comparison) -> JSONTree {
        let measure = comparison.measure
        return .object([
            "name": .text(measure.name), "unit": .text(measure.unit),
            "one": side(measure.one, comparison.one, comparison.rounds.map(\.one)),
            "other": side(measure.other, comparison.other, comparison.rounds.map(\.other)),
            "ratio": .number(comparison.ratio), "lowest": .number(comparison.lowest),
            "highest": .number(comparison.highest), "ratios": .list(comparison.ratios.map { .number($0) }),
            "target": measure.target.map(tree) ?? .null, "met": comparison.isMet.map { .flag($0) } ?? .null,
        ])
    }

    private static func side(_ name: String, _ median: Double, _ rounds: [Double]) -> JSONTree {
        .object(["name": .text(name), "median": .number(median), "rounds": .list(rounds.map { .number($0) })])
    }

    private static func tree(_ target: Target) -> JSONTree {
        switch target {
        case .atLeast(let least): .object(["at_least": .number(least)])
        case .atMost(let most): .object(["at_most": .number(most)])
        }
    }
}
