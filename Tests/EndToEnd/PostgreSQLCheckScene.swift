import Foundation
import Glibc
import Support
import Testing

/// An installation whose `database.url` is to be checked, before a PostgreSQL server of its own.
final class PostgreSQLCheckScene: Sendable {
    static let password = "sandi-pangkalan-5b1e"

    let peer: PostgreSQLPeer
    let folder: TemporaryFolder
    /// Holds how far the clocks are ahead; the server's account reads it.
    private let clock: TemporaryFolder?
    /// By which time the server and the check go.
    private let time: [String: String]

    /// - Parameters:
    ///   - settings: lines for `postgresql.conf`.
    ///   - access: lines for `pg_hba.conf` before those that let the user `pulih` in without a password.
    ///   - hasMovingClock: whether `moveClock` is to work.
    init(settings: [String] = [], access: [String] = [], hasMovingClock: Bool = false) throws {
        folder = try TemporaryFolder()
        clock = try hasMovingClock ? TemporaryFolder() : nil
        if let clock { try PostgreSQLPeer.handOver(clock.path) }
        time = try clock.map { FakeTime.ahead(by: try $0.write("+0", to: "ahead", mode: 0o644)) } ?? [:]
        peer = try PostgreSQLPeer(settings: settings, environment: time)
        try Subprocess.output(of: try Binary.path(named: "pulih"), ["init", folder.path])
        try peer.psql("postgres", "CREATE DATABASE pulih ENCODING 'UTF8' TEMPLATE template0")
        guard !access.isEmpty else { return }
        let rules = access + ["host all pulih 127.0.0.1/32 trust", "host replication pulih 127.0.0.1/32 trust"]
        try rewrite("pg_hba.conf", rules.joined(separator: "\n") + "\n")
        try reload()
    }

    /// The address of database `pulih` for another user, or of another server.
    func url(
        user: String = "pulih", host: String = "127.0.0.1", port: UInt16? = nil, database: String = "pulih",
        _ options: String = ""
    ) -> String {
        "postgresql://\(user)@\(host):\(port ?? peer.port)/\(database)\(options.isEmpty ? "" : "?\(options)")"
    }

    struct Finding: Decodable, Equatable {
        let part: String
        let ok: Bool
        let told: String
    }

    /// `pulih check` on an address; its findings about the database.
    /// - Parameter password: what the password file holds; nil for none.
    func check(
        _ url: String, password: String? = nil, mode: UInt32 = 0o600, environment: [String: String] = [:]
    ) throws -> [Finding] {
        let file = try configure(url, password: password, mode: mode)
        let finished = try Subprocess.run(
            try Binary.path(named: "pulih"), ["check", "--json", "--config", file],
            environment: time.merging(environment) { $1 })
        let all = try JSONDecoder().decode([Finding].self, from: Data(finished.output.utf8))
        #expect(finished.exit == .code(all.allSatisfy { $0.ok } ? 0 : 1))
        #expect(!(finished.output + finished.error).contains(Self.password), "a secret is told")
        #expect(finished.error.isEmpty)
        return all.filter { $0.part.hasPrefix("database") || $0.part == "configuration" && !$0.ok }
    }

    /// The one fault that there is.
    func fault(
        _ url: String, password: String? = nil, mode: UInt32 = 0o600, environment: [String: String] = [:]
    ) throws -> Finding {
        let findings = try check(url, password: password, mode: mode, environment: environment)
        let faults = findings.filter { !$0.ok }
        #expect(faults.count == 1, "\(findings)")
        return try #require(faults.first)
    }

    /// Writes a configuration with this address and returns its path.
    func configure(_ url: String, password: String? = nil, mode: UInt32 = 0o600) throws -> String {
        if let password { try folder.write(password + "\n", to: "database.password", mode: mode) }
        let passwordFile = password == nil ? "" : #", passwordFile: "database.password""#
        return try folder.write(
            """
            {
                publicURL: "http://127.0.0.1:8080",
                database: { url: "\(url)"\(passwordFile) },
                keys: { directory: "keys" },
                smtp: { host: "localhost", port: 25, tls: "none" },
                mail: { from: "Pulih <pulih@example.org>" },
            }
            """, to: "check.json5")
    }

    /// Switches TLS on.
    func serve(_ certificate: TestCertificate) throws {
        for (source, name) in [(certificate.certificateFile, "server.crt"), (certificate.keyFile, "server.key")] {
            let file = "\(peer.folder)/data/\(name)"
            try Subprocess.output(of: "install", ["-m", "0600"] + owner + [source, file])
        }
        try set("ssl", "on")
    }

    /// Puts the clocks of server and check that far ahead of the true time.
    func moveClock(seconds: Int) throws {
        try #require(clock).write("+\(seconds)", to: "ahead", mode: 0o644)
    }

    /// Changes a setting and returns when it holds.
    func set(_ setting: String, _ value: String) throws {
        try peer.psql("postgres", "ALTER SYSTEM SET \(setting) = '\(value)'")
        try reload()
        try Eventually.holds("\(setting) is \(value)") {
            try peer.psql("postgres", "SHOW \(setting)") == value
        }
    }

    /// Lets the server read its files again and returns when it has: it answers new clients by them.
    func reload() throws {
        let before = try peer.psql("postgres", "SELECT pg_conf_load_time()")
        try peer.psql("postgres", "SELECT pg_reload_conf()")
        try Eventually.holds("the server has read its files again") {
            try peer.psql("postgres", "SELECT pg_conf_load_time()") != before
        }
    }

    private func rewrite(_ name: String, _ text: String) throws {
        let file = try #require(FileHandle(forWritingAtPath: "\(peer.folder)/data/\(name)"))
        try file.truncate(atOffset: 0)
        try file.write(contentsOf: Data(text.utf8))
        try file.close()
    }

    private var owner: [String] { geteuid() == 0 ? ["-o", "postgres", "-g", "postgres"] : [] }
}
