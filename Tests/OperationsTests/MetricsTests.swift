import Domain
import Foundation
import HTTPServer
import Support
import Testing

struct MetricsTests {
    /// What the text format allows in a line.
    private func isWellFormed(_ line: Substring) -> Bool {
        let name = "[a-zA-Z_:][a-zA-Z0-9_:]*", label = #"[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*""#
        let sample = "\(name)(\\{\(label)(,\(label))*\\})? -?[0-9]+(\\.[0-9]+)?(e[+-]?[0-9]+)?"
        let comment = "# (HELP \(name) .+|TYPE \(name) gauge)"
        return String(line).range(of: "^(\(sample)|\(comment))$", options: .regularExpression) != nil
    }

    private func metrics(_ house: House) throws -> String {
        let response = try house.send(.get, "/metrics")
        #expect(response.status == 200)
        #expect(response.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8")
        return response.text
    }

    @Test func theNumbersAreThoseOfTheQueue() throws {
        let house = try House()
        try house.report("worker-1", ago: 7)
        _ = try house.enqueueDead()
        try house.enqueue(ago: 12)
        try house.enqueue(ago: 5)
        let text = try metrics(house)
        for line in [
            #"pulih_queue_jobs{kind="reset-request",state="ready"} 2"#,
            #"pulih_queue_jobs{kind="reset-request",state="dead"} 1"#,
            #"pulih_queue_jobs{kind="reset-notice",state="done"} 0"#,
            "pulih_queue_oldest_ready_age_seconds 12",
            #"pulih_worker_heartbeat_timestamp_seconds{worker="worker-1"} 1794999993"#,
            "pulih_relay_paused 0", #"pulih_build_info{version="1.2.3"} 1"#,
        ] {
            #expect(text.contains("\n\(line)\n"), "\(line)")
        }
        try house.report("worker-1", relay: "open")
        #expect(try metrics(house).contains("\npulih_relay_paused 1\n"))
    }

    @Test func everyLineIsWellFormedWhateverTheLabelsHold() throws {
        let house = try House()
        for name in ["plain", #"quote " and \ back"#, "line\nbreak", "é{}=,", ""] {
            try house.report(name)
            try house.enqueue(kind: name)
        }
        let text = try metrics(house)
        #expect(text.hasSuffix("\n"))
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            #expect(isWellFormed(line), "\(line)")
        }
        #expect(text.contains(#"{kind="quote \" and \\ back",state="ready"} 1"#))
        #expect(text.contains(#"{kind="line\nbreak",state="ready"} 1"#))
    }

    @Test func noSeriesIsThereTwice() throws {
        let house = try House()
        _ = try house.enqueueDead()
        let series = try metrics(house).split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap {
            $0.split(separator: " ").first
        }
        #expect(Set(series).count == series.count)
        #expect(series.count == JobKind.allCases.count * JobState.allCases.count + 3)
    }

    private static let promtool = "/usr/bin/promtool"

    /// Debian's package prometheus has it.
    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: promtool)))
    func prometheusTakesIt() throws {
        let house = try House()
        try house.report(#"quote " and \ back"#)
        try house.enqueue(kind: "line\nbreak")
        try Subprocess.output(of: Self.promtool, ["check", "metrics"], input: try metrics(house))
    }
}
