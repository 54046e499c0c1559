import CommandLine

/// A line of the benchmark: what can be asked for by name.
package struct Line: Sendable, Equatable {
    /// What a line needs besides the machine.
    package enum Need: Sendable, Hashable, CaseIterable {
        /// The release build of pulih beside the benchmark.
        case program
        /// Postfix's smtp-sink.
        case sink
        /// The programs of a PostgreSQL server.
        case postgreSQL
        /// A Python that makes virtual environments.
        case python
    }

    package let name: String
    /// One sentence.
    package let sentence: String
    /// What its ratios must reach, in words; empty where nothing is demanded.
    package let target: String
    /// What keeps it from its target as far as a profile shows, in one sentence or two; empty where it is met.
    package let limit: String
    /// About how long it takes on two cores.
    package let seconds: Int
    package let needs: Set<Need>
    /// Runs only when it is asked for by its option.
    package let isExtra: Bool

    package init(
        _ name: String, _ sentence: String, target: String = "", limit: String = "", seconds: Int,
        needs: Set<Need> = [], isExtra: Bool = false
    ) {
        self.name = name
        self.sentence = sentence
        self.target = target
        self.limit = limit
        self.seconds = seconds
        self.needs = needs
        self.isExtra = isExtra
    }

    /// What `--list` prints: each line with its sentence, target and time.
    package static func list(_ lines: [Line], width: Int) -> String {
        let column = (lines.map(\.name.count).max() ?? 0) + 4
        return TextTable.definitions(
            lines.map { line in
                let target = line.target.isEmpty ? "" : " Target: \(line.target)."
                return (line.name, "\(line.sentence)\(target) About \(line.seconds) s.")
            }, width: width, column: column)
    }
}
