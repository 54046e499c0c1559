import Foundation
import Support
import Testing

/// An installation with something in every table, and a PostgreSQL database to move it to.
struct MovedInstallation {
    let installation: Installation
    let server: PostgreSQLFixture

    var file: String { installation.folder.file("pulih.db") }

    init() throws {
        (installation, server) = (try Installation(), try PostgreSQLFixture())
        try sqlite(file, Self.rows)
    }

    /// The configuration with another database.
    func configuration(_ database: String) throws -> String {
        let text = try installation.folder.read("pulih.json5")
        let moved = text.replacing(#"database: { path: "pulih.db" }"#, with: "database: { \(database) }")
        try #require(moved != text)
        return try installation.folder.write(moved, to: "moved.json5")
    }

    var onServer: String { get throws { try configuration("url: \"\(server.url)\"") } }

    /// `pulih database copy`.
    func copy(
        to place: String, from configuration: String? = nil, _ options: String...
    ) throws -> Subprocess.Finished {
        try Subprocess.run(
            try Binary.path(named: "pulih"),
            ["database", "copy", "--to", place, "--config", configuration ?? installation.configuration] + options,
            timeout: .seconds(120))
    }

    @discardableResult
    func sqlite(_ file: String, _ sql: String) throws -> String {
        try Subprocess.output(of: "sqlite3", ["-bail", file], input: sql + "\n")
    }

    /// Tables with their columns, as SQLite's own client tells them.
    func tables() throws -> [(name: String, columns: [(name: String, type: String)])] {
        let names = try sqlite(
            file,
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'migration';")
        return try names.split(separator: "\n").map { name in
            let columns = try sqlite(file, "SELECT name || ' ' || type FROM pragma_table_info('\(name)');")
            return (
                String(name),
                columns.split(separator: "\n").map { line in
                    let words = line.split(separator: " ")
                    return (String(words[0]), String(words[1]))
                }
            )
        }
    }

    /// Every row of every table, each value by its bytes, as the two engines' own clients tell them: `SELECT` with the same
    /// outcome on both.
    func content(onServer: Bool) throws -> [String: [String]] {
        try Dictionary(
            uniqueKeysWithValues: tables().map { table in
                let values = table.columns.map { column in
                    let bytes =
                        switch column.type {
                        case "TEXT": onServer ? "convert_to(\(column.name), 'UTF8')" : "CAST(\(column.name) AS BLOB)"
                        case "BLOB": column.name
                        case "REAL":
                            onServer ? "trunc(\(column.name) * 1048576)" : "CAST(\(column.name) * 1048576 AS INTEGER)"
                        default: column.name
                        }
                    let shown =
                        switch column.type {
                        case "TEXT", "BLOB": onServer ? "upper(encode(\(bytes), 'hex'))" : "hex(\(bytes))"
                        default: "CAST(\(bytes) AS TEXT)"
                        }
                    return "CASE WHEN \(column.name) IS NULL THEN '-' ELSE \(shown) END"
                }
                let condition = table.name == "audit_event" ? " WHERE name <> 'database_copied'" : ""
                let sql = "SELECT \(values.joined(separator: " || ' ' || ")) FROM \(table.name)\(condition);"
                let rows = try onServer ? server.execute(sql) : sqlite(file, sql)
                return (table.name, rows.split(separator: "\n").map(String.init).sorted())
            })
    }

    /// A SQLite file as its own client writes it out, without what is of that file alone.
    func dump(_ file: String) throws -> [String] {
        try sqlite(file, ".dump").split(separator: "\n").map(String.init)
            .filter { !$0.contains("'database_copied'") && !$0.hasPrefix("INSERT INTO migration ") }
            .sorted()
    }

    /// Something in every table, in all states, and text that has to be quoted wherever anything has.
    private static let rows = """
        PRAGMA foreign_keys = ON;
        UPDATE account SET language = 'id', totp_last_step = 9223372036854775807, totp_drift = -1 WHERE user_id = 'budi';
        WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 699),
            states (i, state) AS (VALUES (0, 'scheduled'), (1, 'ready'), (2, 'running'), (3, 'held'), (4, 'done'), (5, 'dead'),
                (6, 'discarded'))
        INSERT INTO job (kind, payload, state, run_at, lease_until, worker, outcome, reason, finished_at, request_id, account,
            class, return_digest, bounced_at, application)
        SELECT 'other', CASE n.i % 3 WHEN 0 THEN '' WHEN 1 THEN '{"a": "b"}' END, state, 4102444800000,
            CASE state WHEN 'running' THEN 4102444800000 END, 'a|b', 'refused',
            'a "b" \\ \\N ''c''' || char(9, 10, 13, 8364, 128512), n.i, 'r' || n.i, 1, 'bulk', zeroblob(n.i % 3), n.i, 'shop'
        FROM n JOIN states ON states.i = n.i % 7;
        INSERT INTO attempt (job, number, started_at, seconds, stage, code, verdict, reply, reused, worker, relay)
        SELECT id, 1, 2, 0.1 * id, 'data', 250, 'accepted', 'ok', 0, 'w', NULL FROM job WHERE state <> 'ready';
        DELETE FROM job WHERE id = (SELECT max(id) FROM job);
        INSERT INTO lane_pause VALUES ('other', 1, 'operator', 'why');
        INSERT INTO worker (id, started_at, heartbeat_at, relay, relay_reason, lanes, busy) VALUES ('w', 1, 2, 'closed', '', 3, 0);
        INSERT INTO worker_relay VALUES ('w', 0, 'relay', 'closed', '', 0, 0, 1, NULL, 'no token');
        INSERT INTO probe VALUES (1, 2);
        INSERT INTO reset_request VALUES ('r', 1, 0, 1, 'open', 1, 2, 3, NULL, '::1'), ('s', 1, 0, 2, 'used', 1, 2, 3, 4, NULL);
        INSERT INTO spent_captcha VALUES ('c', 5);
        INSERT INTO arrival (address, at) VALUES ('192.0.2.1', 5);
        INSERT INTO session (digest, account, factor, started_at, created_at, seen_at, address, browser, public_id)
        VALUES (x'00ff', 1, 'totp', 1, 2, 3, '::1', 'Mozilla', 'p'), (x'', 2, 'password', 1, 2, 3, '::1', '', 'q');
        INSERT INTO application_code VALUES (x'01', 1, 'shop', 'shop.example.org', x'02', '/', 5);
        INSERT INTO application_session VALUES (x'03', 1, 'shop', 'shop.example.org', 5);
        INSERT INTO openid_grant (session, application, scopes, factor, authenticated_at, redirect_uri, challenge, code,
            code_expires_at, tells_logout) VALUES (1, 'shop', 'openid', 'totp', 1, 'https://shop.example.org/', 'c', x'04', 5, 1);
        INSERT INTO openid_token VALUES (x'05', 1, 'refresh', 5, NULL);
        INSERT INTO subject VALUES (1, 'subject');
        INSERT INTO session_change (session, at) VALUES (1, 2);
        INSERT INTO failure (factor, subject, count, last_at) VALUES ('code', 'budi', 3, 4);
        INSERT INTO recovery_code VALUES (1, x'06', 1, NULL);
        INSERT INTO policy_rule (scope, required, starts_at, made_at, made_by) VALUES (NULL, 1, 0, 1, 'operator');
        INSERT INTO application_key VALUES ('k', 'shop', 'users codes', x'07', 1, NULL);
        INSERT INTO webhook (application, url) VALUES ('shop', 'https://shop.example.org/hook');
        INSERT INTO answer VALUES ('shop', 'key', x'08', x'09', 1);
        """
}
