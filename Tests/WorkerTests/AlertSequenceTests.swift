import Domain
import Support

/// Samples of `/metrics`, one a minute, shown to the alert rules by `promtool test rules`.
struct AlertSequenceTests {
    private static let rules = "config/prometheus/pulih.rules.yml"
    private let series: [(name: String, values: [String])]

    /// - Parameter start: promtool begins its time at 0.
    init(_ samples: [String], start: Instant) {
        var values: [String: [String]] = ["up": Array(repeating: "1", count: samples.count)]
        for (minute, text) in samples.enumerated() {
            for line in text.split(separator: "\n") where !line.hasPrefix("#") {
                guard let space = line.lastIndex(of: " ") else { continue }
                let name = String(line[..<space])
                // How long the disk takes here and now is no part of the story.
                if name.hasPrefix("pulih_db_") { continue }
                var value = String(line[line.index(after: space)...])
                if name.hasPrefix("pulih_worker_heartbeat"), let seconds = Double(value) {
                    value = "\(seconds - start.milliseconds.seconds)"
                }
                // `_` stands for no sample.
                let missing = Array(repeating: "_", count: minute)
                values[name, default: missing].append(value)
            }
        }
        series = values.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// Proves which alerts fire at which minute, and that no other does.
    /// - Parameter pattern: of the names of the alerts that matter.
    func check(_ moments: [(minute: Int, firing: [String])], among pattern: String = ".*") throws {
        var file = """
            rule_files: ["\(ProjectFile.path(Self.rules))"]
            evaluation_interval: 1m
            tests:
              - interval: 1m
                input_series:

            """
        for (name, values) in series {
            file += "      - series: '\(Self.scraped(name))'\n        values: '\(values.joined(separator: " "))'\n"
        }
        file += "    promql_expr_test:\n"
        for moment in moments {
            file += """
                      - expr: count by (alertname) (ALERTS{alertstate="firing",alertname=~"\(pattern)"})
                        eval_time: \(moment.minute)m
                        exp_samples:\(moment.firing.isEmpty ? " []" : "")

                """
            for alert in moment.firing {
                file += "          - { labels: '{alertname=\"\(alert)\"}', value: 1 }\n"
            }
        }
        let folder = try TemporaryFolder()
        try Subprocess.output(of: "promtool", ["test", "rules", folder.write(file, to: "story.yml")])
    }

    /// With the labels that a scrape adds.
    private static func scraped(_ series: String) -> String {
        let target = #"instance="otp1:8081",job="pulih""#
        guard let brace = series.firstIndex(of: "{") else { return "\(series){\(target)}" }
        return series[...brace] + target + "," + series[series.index(after: brace)...]
    }
}

extension Int64 {
    /// These milliseconds in seconds.
    fileprivate var seconds: Double { Double(self) / 1000 }
}
