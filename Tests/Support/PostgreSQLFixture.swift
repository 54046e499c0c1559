package import Store
import Threading

/// A database of its own on the tests' PostgreSQL server, reached from outside through `psql`.
package final class PostgreSQLFixture: EngineFixture {
    private static let count = Monitor(0)

    private let peer: PostgreSQLPeer
    private let database: String

    package init() throws {
        peer = try PostgreSQLPeer.shared.get()
        let number = Self.count.withLock { count in
            count += 1
            return count
        }
        database = "test\(number)"
        try peer.psql("postgres", "CREATE DATABASE \(database)")
    }

    deinit { _ = try? peer.psql("postgres", "DROP DATABASE \(database) WITH (FORCE)") }

    package var engine: any StoreEngine {
        PostgreSQLEngine(PostgreSQLServer(name: url, parameters: [("dbname", url)]))
    }

    package var setting: String { "database: { url: \"\(url)\" }" }

    package func hex(_ column: String) -> String { "upper(encode(\(column), 'hex'))" }

    package var url: String { peer.url(database) }

    @discardableResult
    package func execute(_ sql: String) throws -> String { try peer.psql(database, sql) }

    package func tamper(_ sql: String) throws {
        try execute("ALTER TABLE audit_event DISABLE TRIGGER USER; \(sql); ALTER TABLE audit_event ENABLE TRIGGER USER")
    }

    package func dump(without table: String?) throws -> String {
        let exclusion = table.map { ["--exclude-table-data", "\($0)*"] } ?? []
        let dump = try Subprocess.output(of: "pg_dump", ["--inserts", "-d", url] + exclusion)
        // Newer clients guard each dump with a random word.
        return dump.split(separator: "\n").filter { !$0.hasPrefix("\\") }.joined(separator: "\n")
    }
}
