package import CommandLine
import Spelling

/// What the arguments ask for.
package struct Choice: Sendable, Equatable {
    package var wantsHelp = false
    package var wantsList = false
    package var isJSON = false
    /// The names of the lines to run, in their own order.
    package var names: [String] = []
    /// How many resets the soak sends.
    package var resets = Self.usualResets
    /// How many jobs come and go while a transaction is held open.
    package var heldJobs = Self.usualHeldJobs

    package static let usualResets = 200_000
    package static let usualHeldJobs = 20_000
    /// What ten minutes at the full rate come to.
    private static let mostHeldJobs = 600_000

    package static let options: [Command.Option] = [
        .init("list", nil, "list the lines and run none"),
        .init("json", nil, "print one JSON document instead of the table"),
        .init("peers", nil, "run `peers`: needs PyPI, from which it takes django-post-office, django-mailer and huey"),
        .init("held", "[=JOBS]", "run `held` with 600,000 jobs, ten minutes' worth, or so many"),
        .init("soak", "[=RESETS]", "run `soak`, with 200,000 resets or so many"),
    ]

    /// - Parameter arguments: without the program's own name.
    /// - Throws: `UsageError`.
    package init(_ arguments: [String], among lines: [Line]) throws {
        // An option's value cannot be left out elsewhere: a bare --soak is short for its usual number.
        let whole = ["--soak": Self.usualResets, "--held": Self.mostHeldJobs]
        let arguments = arguments.map { word in whole[word].map { "\(word)=\($0)" } ?? word }
        wantsHelp = arguments.contains("--help") || arguments.contains("-h")
        guard !wantsHelp else { return }
        let command = Command("pulih-bench", count: 0...100, summary: "", options: Self.options) { _ in 0 }
        let invocation = try ArgumentParser.parse(arguments[...], for: command)
        wantsList = invocation.has("list")
        isJSON = invocation.has("json")
        resets = try invocation.integer("soak", in: 100...10_000_000, default: resets)
        heldJobs = try invocation.integer("held", in: 1_000...10_000_000, default: heldJobs)
        let extras = ["soak", "held"].filter { invocation[$0] != nil } + (invocation.has("peers") ? ["peers"] : [])
        let known = lines.map(\.name)
        for name in invocation.operands where !known.contains(name) {
            let near =
                nearest(to: name, among: known).map { "; did you mean \($0)?" } ?? "; --list tells which there are"
            throw UsageError("there is no line \(name)\(near)")
        }
        let chosen = Set(invocation.operands + extras)
        names = lines.filter { chosen.isEmpty ? !$0.isExtra : chosen.contains($0.name) }.map(\.name)
    }

    /// What `--help` prints.
    package static func help(_ lines: [Line], width: Int) -> String {
        """
        Measures Pulih against limits and peers: ratios, each taken side by side in one run.

        Usage: pulih-bench [NAME ...] [options]

        Without a name it runs all lines but soak and peers.

        \(TextTable.definitions(options.map { ("--\($0.name)\($0.placeholder ?? "")", $0.help) }, width: width))

        \(Line.list(lines, width: width))
        """
    }
}
