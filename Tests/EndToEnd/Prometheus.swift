import Foundation
import Support

/// Debian's Prometheus on a free port of loopback, with the project's alert rules, watching one target with and without
/// the token it asks for. Ended and forgotten with the last reference.
final class Prometheus {
    private let folder: TemporaryFolder
    private let port: FreePort
    private let process: Subprocess
    private let interface: JSONEndpoint

    /// - Parameters:
    ///   - target: where the operations listener is.
    ///   - token: what the scrape job `pulih` brings; the job `stranger` brings none.
    init(watching target: UInt16, token: String) throws {
        folder = try TemporaryFolder()
        port = try FreePort()
        try folder.write(token + "\n", to: "pulih.token")
        try folder.write(try ProjectFile.text("config/prometheus/pulih.rules.yml"), to: "pulih.rules.yml")
        let stranger = """

              - job_name: stranger
                static_configs:
                  - targets: ["127.0.0.1:8081"]

            """
        let example = try ProjectFile.text("config/prometheus/prometheus.yml") + stranger
        try folder.write(
            example.replacingOccurrences(of: "127.0.0.1:8081", with: "127.0.0.1:\(target)")
                .replacingOccurrences(of: "15s", with: "1s"), to: "prometheus.yml")
        process = try Subprocess(
            "prometheus",
            [
                "--config.file=\(folder.file("prometheus.yml"))", "--storage.tsdb.path=\(folder.file("data"))",
                "--web.listen-address=127.0.0.1:\(port.number)",
            ])
        try process.waitForLine(timeout: .seconds(30)) { $0.contains("Server is ready to receive web requests") }
        interface = JSONEndpoint(port: port.number)
    }

    func stop() throws { try process.stop(timeout: .seconds(20)) }

    private func ask(_ target: String) throws -> JSON {
        let answer = try interface.send("GET", target)
        guard answer.status == 200 else { throw SupportFailure("\(target) answers \(answer.status) \(answer.body)") }
        return answer.body["data"]
    }

    /// The value of an expression that has one series at most; nil when it has none.
    func value(_ expression: String) throws -> Double? {
        let result = try ask("/api/v1/query?query=\(HTTPClient.encode(expression))")["result"].array ?? []
        guard result.count <= 1 else { throw SupportFailure("\(expression) has \(result.count) series") }
        return result.first?["value"].array?.last?.string.flatMap(Double.init)
    }

    /// Waits until scrapes have brought this value.
    func wait(for expression: String, _ value: Double) throws {
        try Eventually.holds("\(expression) is \(value)\n\(process.transcript)", timeout: .seconds(30)) {
            try self.value(expression) == value
        }
    }

    /// Why the last scrape of a job failed; nil when it did not.
    func scrapeError(job: String) throws -> String? {
        let targets = try ask("/api/v1/targets?state=active")["activeTargets"].array ?? []
        let words = targets.first { $0["labels"]["job"].string == job }?["lastError"].string
        return words?.isEmpty == false ? words : nil
    }

    /// Each rule's name and health: `ok` once it was evaluated, `err` when it cannot be.
    func rules() throws -> [String: String] {
        let groups = try ask("/api/v1/rules")["groups"].array ?? []
        let rules = groups.flatMap { $0["rules"].array ?? [] }
        return Dictionary(rules.map { ($0["name"].string ?? "", $0["health"].string ?? "") }) { $1 }
    }

    func alerts() throws -> [String] {
        try (ask("/api/v1/alerts")["alerts"].array ?? []).compactMap { $0["labels"]["alertname"].string }
    }
}
