import Benchmarks
import PostgreSQL
import SQL

/// What a database server costs whatever it is asked: the way there and back, and the wait for its log.
struct ServerCosts {
    private let connection: PostgreSQLConnection

    init(_ address: String) throws {
        connection = try PostgreSQLConnection([("dbname", address)], setup: "")
        try connection.execute("CREATE TABLE cost (number bigint)")
    }

    func tell(_ run: Run) throws {
        let way = try median { _ = try connection.first("SELECT 1") { $0.integer(0) } }
        let durable = try median(insert)
        try connection.execute("SET synchronous_commit = off")
        let hasty = try median(insert)
        run.tell("postgresql, to the server and back, p50", way * 1000, "ms")
        run.tell("postgresql, a commit's wait for the log, p50", (durable - hasty) * 1000, "ms")
    }

    /// Bytes of log so far.
    func logged() throws -> Int64 {
        try connection.first("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint") { $0.integer(0) }
            ?? 0
    }

    private func insert() throws { _ = try connection.run("INSERT INTO cost VALUES (1)") }

    /// Seconds.
    private func median(_ body: () throws -> Void) throws -> Double {
        percentile(try (0..<500).map { _ in try seconds(body) }, 0.5)
    }
}
