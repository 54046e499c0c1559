import Foundation
import Support
import Testing

/// An installation as an operator sees it before anybody has an account: a configuration, keys and a queue, and a relay
/// that each test chooses.
final class OperatorClient: Sendable {
    let folder: TemporaryFolder
    private let ports: [FreePort]
    private let database: any EngineFixture

    var configuration: String { folder.file("pulih.json5") }
    var operationsPort: UInt16 { ports[1].number }

    /// - Parameters:
    ///   - smtp: the keys of `smtp` in the configuration.
    ///   - mail: more keys of `mail`.
    convenience init(
        smtp: String = "host: \"127.0.0.1\", port: 9, tls: \"none\"", mail: String = "", lanes: Int = 1,
        on engine: TestEngine = .ofInstallations
    ) throws {
        try self.init(relays: "{ \(smtp) }", mail: mail, lanes: lanes, on: engine)
    }

    /// - Parameter relays: what stands for `smtp`.
    init(relays: String, mail: String = "", lanes: Int = 1, on engine: TestEngine = .ofInstallations) throws {
        folder = try TemporaryFolder()
        database = try engine.makeFixture(in: folder)
        ports = [try FreePort(), try FreePort()]
        try Subprocess.output(of: try Binary.path(named: "pulih"), ["init", folder.path])
        try folder.write(
            """
            {
                publicURL: "http://127.0.0.1:\(ports[0].number)", timeZone: "UTC", \(database.setting),
                keys: { directory: "keys" }, http: { listen: "127.0.0.1:\(ports[0].number)" },
                operations: { listen: "127.0.0.1:\(ports[1].number)" }, smtp: \(relays),
                mail: { from: "pulih@example.org", \(mail) }, worker: { lanes: \(lanes) },
            }
            """, to: "pulih.json5")
    }

    func run(_ arguments: String...) throws -> Subprocess.Finished { try run(arguments) }

    func run(_ arguments: [String], input: String = "") throws -> Subprocess.Finished {
        try Subprocess.run(
            try Binary.path(named: "pulih"), arguments + ["--config", configuration], input: input,
            timeout: .seconds(60))
    }

    /// What a command that must succeed prints.
    @discardableResult
    func succeed(_ arguments: String...) throws -> String {
        let finished = try run(arguments)
        try #require(finished.exit == .code(0), "\(arguments): \(finished.error)\(finished.output)")
        return finished.output
    }

    func decoded<Value: Decodable>(_ type: Value.Type, _ arguments: String...) throws -> Value {
        let finished = try run(arguments + ["--json"])
        return try JSONDecoder().decode(type, from: Data(finished.output.utf8))
    }

    func start(_ arguments: String..., ready: String = "event=service.started") throws -> Subprocess {
        let process = try Subprocess(
            try Binary.path(named: "pulih"), arguments + ["--config", configuration])
        try process.waitForLine(timeout: .seconds(20)) { $0.contains(ready) }
        return process
    }

    /// Runs SQL as a program of others; one line a row, columns divided by bars.
    @discardableResult
    func shell(_ sql: String) throws -> String { try database.execute(sql).trimmed }

    /// The same past what guards the audit log.
    func tamper(_ sql: String) throws { try database.tamper(sql) }

    /// Milliseconds since 1970.
    static var now: Int64 { Int64(Date().timeIntervalSince1970 * 1000) }

    /// Writes jobs into the queue as another program would.
    func insert(_ count: Int, state: String, kind: String = "reset-request", reason: String = "") throws {
        let lease = state == "running" ? "\(Self.now) + 600000" : "NULL"
        try shell(
            """
            WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < \(count))
            INSERT INTO job (kind, state, payload, lease_until, worker, reason, created_at)
            SELECT '\(kind)', '\(state)', '{"user_id":"user' || n || '"}', \(lease), 'elsewhere:1', '\(reason)',
                \(Self.now) - n * 60000
            FROM number;
            """)
    }

    /// How many jobs stand in each state.
    func states() throws -> [String: Int] {
        struct Report: Decodable {
            struct Count: Decodable {
                let state: String
                let count: Int
            }
            let counts: [Count]
        }
        let counts = try decoded(Report.self, "queue", "status").counts
        return Dictionary(counts.map { ($0.state, $0.count) }, uniquingKeysWith: +)
    }

    /// Audit events, oldest first: `name subject detail`.
    func audit() throws -> [String] {
        try shell("SELECT name || ' ' || subject || ' ' || detail FROM audit_event ORDER BY id")
            .split(separator: "\n").map(String.init)
    }
}
