import JSON
import Testing

@testable import Benchmarks

/// What a run has found out, as table and as JSON.
@Suite
struct ReportTests {
    private func report() -> Report {
        var report = Report(
            machine: [("processor", "A processor"), ("file system", "ext4 on /")], versions: [("Pulih", "1.2.3")])
        report.messageBytes = 4_321
        let long = String(repeating: "a name that goes on and on ", count: 6)
        var pipeline = Report.Result("pipeline", limit: "The relay takes its part.")
        pipeline.comparisons = [
            Comparison(
                Measure("pipeline", "mails/s", "ours", over: "theirs", .atLeast(0.75)),
                rounds: [(6_000, 10_000), (8_000, 10_000), (7_000, 10_000)]),
            Comparison(Measure(long, "us", long, over: long), rounds: [(0.5, 1)]),
        ]
        pipeline.details = [Detail("resident", 38.25, "MiB")]
        var claim = Report.Result("claim", limit: "Nothing is in the way.")
        claim.failure = "not measured: the disk is full"
        claim.seconds = 12.5
        report.results = [pipeline, claim]
        return report
    }

    @Test("The table tells the machine, each comparison with its sides, ratio, spread and target, and what failed")
    func table() {
        let text = report().table
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        #expect(lines[0].hasPrefix("  processor    A processor"))
        #expect(text.contains("Pulih 1.2.3"))
        #expect(text.contains("4,321 bytes, headers and body"))
        func cells(_ start: String) -> [String] {
            let line = lines.first { $0.hasPrefix(start) } ?? ""
            return line.split(separator: "  ").map { $0.filter { $0 != " " } }.filter { !$0.isEmpty }
        }
        #expect(cells("pipeline  ") == ["pipeline", "0.70", "0.60to0.80", ">=0.75", "no"])
        #expect(cells("  ours") == ["ours", "7,000", "mails/s"])
        #expect(cells("  theirs") == ["theirs", "10,000", "mails/s"])
        #expect(cells("  resident") == ["resident", "38.3", "MiB"])
        #expect(text.contains("\nIn the way of targets\n  pipeline  The relay takes its part."))
        #expect(!text.contains("Nothing is in the way."))
        #expect(text.hasSuffix("\nclaim: not measured: the disk is full"))
    }

    @Test("No line of the table is wider than 120 columns")
    func width() {
        for line in report().table.split(separator: "\n") { #expect(line.count <= 120) }
    }

    @Test("The JSON document holds all of it, and every round")
    func json() throws {
        let text = report().json.text()
        let tree = try #require(JSONTree.strict(Array(text.utf8)))
        guard case .object(let document) = tree, case .list(let lines) = document["lines"],
            case .object(let pipeline) = lines.first, case .list(let comparisons) = pipeline["comparisons"],
            case .object(let first) = comparisons.first, case .object(let second) = comparisons.last,
            case .object(let claim) = lines.last
        else {
            Issue.record("another shape: \(text)")
            return
        }
        #expect(document["machine"] == .object(["processor": "A processor", "file_system": "ext4 on /"]))
        #expect(document["versions"] == .object(["Pulih": "1.2.3"]))
        #expect(document["message_bytes"] == 4_321)
        #expect(pipeline["line"] == "pipeline")
        #expect(pipeline["failure"] == .null)
        #expect(first["one"] == .object(["name": "ours", "median": 7_000, "rounds": [6_000, 8_000, 7_000]]))
        #expect(first["ratios"] == .list([.number(0.6), .number(0.8), .number(0.7)]))
        #expect(first["ratio"] == .number(0.7))
        #expect((first["lowest"], first["highest"]) == (.number(0.6), .number(0.8)))
        #expect(first["target"] == .object(["at_least": .number(0.75)]))
        #expect(first["met"] == false)
        #expect((second["target"], second["met"]) == (.null, .null))
        #expect(
            pipeline["details"] == .list([.object(["name": "resident", "value": .number(38.25), "unit": "MiB"])]))
        #expect((pipeline["limit"], claim["limit"]) == ("The relay takes its part.", .null))
        #expect(claim["failure"] == "not measured: the disk is full")
        #expect(claim["seconds"] == .number(12.5))
    }
}
