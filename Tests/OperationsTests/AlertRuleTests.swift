import Domain
import Foundation
import HTTPServer
import Support
import Testing

/// The alert rules in `config/prometheus`, as Prometheus' own tool sees them.
struct AlertRuleTests {
    private static let rules = "config/prometheus/pulih.rules.yml"
    private static let cases = "config/prometheus/pulih.rules.test.yml"

    private func promtool(_ arguments: String...) throws { try Subprocess.output(of: "promtool", arguments) }

    private var alerts: [String] {
        get throws { try ProjectFile.text(Self.rules).matches(of: /- alert: (\w+)/).map { String($0.output.1) } }
    }

    /// What the man page says of an alert.
    private static func section(_ alert: String) throws -> Substring {
        let page = try ProjectFile.text("Sources/Program/Manuals/Pages/pulih-metrics.7.md")
        let begin = try #require(page.range(of: "\n### \(alert)\n"), "\(alert) is not explained")
        return page[begin.upperBound...].split(separator: "\n#", maxSplits: 1)[0]
    }

    @Test func theRulesAreRules() throws { try promtool("check", "rules", ProjectFile.path(Self.rules)) }

    @Test func eachAlertFiresWithItsWordsAndIsSilentWhenAllIsCalm() throws {
        try promtool("test", "rules", ProjectFile.path(Self.cases))
        let cases = try ProjectFile.text(Self.cases)
        #expect(try alerts.count == 23)
        for alert in try alerts {
            #expect(cases.contains("{ alertname: \(alert), eval_time: 239m, exp_alerts: [] }"), "\(alert) in calm")
            #expect(cases.contains("alertname: \(alert)\n"), "\(alert) fires in no case")
        }
    }

    @Test func eachAlertSaysWhatToDoAndWhereItIsExplained() throws {
        let blocks = try ProjectFile.text(Self.rules).split(separator: "- alert: ").dropFirst()
        for (alert, block) in zip(try alerts, blocks) {
            #expect(block.contains(/severity: (warning|critical)\n/), "\(alert)")
            #expect(block.contains(/summary: (["']).+\.\1\n/), "\(alert)")
            #expect(block.contains(/description: (["']).*`[a-z]+.*\.\1\n/), "\(alert) names no command")
            #expect(block.contains("runbook: \"man pulih-metrics, \(alert)\"\n"), "\(alert)")
            let section = try Self.section(alert)
            #expect(section.contains("**Means:** ") && section.contains("**Do:** "), "\(alert)")
        }
    }

    @Test func theExampleConfigurationIsOne() throws {
        let folder = try TemporaryFolder()
        try folder.write("a-token", to: "pulih.token")
        for file in ["prometheus.yml", "pulih.rules.yml"] {
            try folder.write(try ProjectFile.text("config/prometheus/\(file)"), to: file)
        }
        try promtool("check", "config", folder.file("prometheus.yml"))
    }

    /// A name that nobody tells makes an alert that never fires.
    @Test(arguments: [rules, "config/grafana/pulih.json"])
    func everyMetricThatIsAskedForIsTold(file: String) throws {
        let fixture = try OperationsFixture(vacuum: VacuumMetrics(held: [:], liveJobs: 0, deadJobs: 0))
        try fixture.report()
        try fixture.failWebhook()
        let exposition = try fixture.send(.get, "/metrics").text
        let told = Set(exposition.split(separator: "\n").compactMap { $0.firstMatch(of: /^pulih_\w+/)?.output })
        // `pulih_…{` or `pulih_…[`: names of metrics, and not the name of an installation.
        let asked = Set(try ProjectFile.text(file).matches(of: /\bpulih_\w+/).map(\.output))
        #expect(asked.count > 8)
        #expect(asked.subtracting(told).isEmpty, "\(asked.subtracting(told).sorted())")
    }

    @Test func everyLabelValueThatIsAskedForIsTold() throws {
        let fixture = try OperationsFixture()
        let exposition = try fixture.send(.get, "/metrics").text
        let pattern = /\b(outcome|state|file|kind|reused)(?:=|=~|!~)\\?"([a-z|*]+)\\?"/
        for file in [Self.rules, "config/grafana/pulih.json"] {
            let matches = try ProjectFile.text(file).matches(of: pattern)
            #expect(matches.count > 4)
            for match in matches {
                for value in match.output.2.split(separator: "|") {
                    #expect(exposition.contains("\(match.output.1)=\"\(value)\""), "\(match.output.1) \(value)")
                }
            }
        }
    }
}
