import Benchmarks
import Domain
import PostgreSQL
import Store

/// Whether what has gathered in PostgreSQL's tables, and what cleans them, is felt: a long history while autovacuum is at it, and
/// an hour's backlog.
enum Flat {
    static let benchmark = Benchmark(
        Line(
            "flat",
            "Batches of 32 claimed and settled on PostgreSQL behind \(figure(Double(finished))) finished jobs beside autovacuum, "
                + "and of \(figure(Double(backlog))) ready jobs and as many scheduled ones, over a short and calm queue.",
            target: "at least 0.83", seconds: 45, needs: [.postgreSQL]), run)

    /// An hour of 50 requests a second.
    private static let (finished, backlog) = (1_000_000, 180_000)
    /// Of a round.
    private static let portion = 1_920

    static func run(_ run: Run) throws {
        let server = try PostgreSQLProcess(run.folder)
        defer { server.stop() }
        let addresses = try (0..<3).map { _ in try server.database() }
        let databases = try addresses.map { try Database(server.engine($0), clock: BenchClock()) }
        defer { for database in databases { database.close() } }
        let queues = databases.map(QueueTurns.init)
        run.say("fills a table with \(finished) finished jobs, another with an hour's backlog")
        try fill(addresses[1], "state, created_at, run_at, outcome, finished_at", "'done', n, n, 'mailed', n", finished)
        let now = BenchClock().now().milliseconds
        try fill(addresses[2], "payload, created_at, run_at", "'{}', \(now) - n, \(now) - n", backlog)
        try fill(addresses[2], "state, run_at", "'scheduled', \(now) + 3600000 + n", backlog)
        for queue in queues {
            try queue.enqueue(portion)
            try queue.settle(portion)
        }

        let observer = try PostgreSQLConnection([("dbname", addresses[1])])
        try keepVacuuming(observer)
        // What filling has left to write is written.
        try observer.execute("CHECKPOINT")
        let measures = [
            ("vacuumed history", "behind \(figure(Double(finished))) finished jobs"),
            ("backlog", "of \(figure(Double(backlog))) ready jobs"),
        ]
        .map { name, side in
            Measure("claim and settle on PostgreSQL, \(name)", "jobs/s", side, over: "short queue", .atLeast(0.83))
        }
        try run.compare(measures) { _ in
            for queue in queues.prefix(2) { try queue.enqueue(portion) }
            let rates = try QueueTurns.rates(of: queues, portion, QueueTurns.settle)
            return [(rates[1], rates[0]), (rates[2], rates[0])]
        }
        let runs = try observer.rows("SELECT autovacuum_count FROM pg_stat_user_tables WHERE relname = 'job'")[0][0]
        guard let runs = runs.flatMap(Double.init), runs >= 5 else { throw BenchFailure("autovacuum did not run") }
        run.tell("runs of autovacuum over the history", runs, "")
    }

    /// Lets autovacuum clean the table whenever it can, which is once a second, and not once a minute when enough has changed.
    private static func keepVacuuming(_ connection: PostgreSQLConnection) throws {
        try connection.execute(
            "ALTER TABLE job SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1)")
        try connection.execute("ALTER SYSTEM SET autovacuum_naptime = 1")
        try connection.execute("SELECT pg_reload_conf()")
    }

    private static func fill(_ address: String, _ columns: String, _ values: String, _ count: Int) throws {
        // Counted as the jobs of a portal are.
        let connection = try PostgreSQLConnection([("dbname", address)], setup: "SET pulih.process = 'on'")
        try connection.execute(
            """
            INSERT INTO job (kind, \(columns)) SELECT 'reset-request', \(values) FROM generate_series(1, \(count)) AS n;
            """)
        try connection.execute("VACUUM ANALYZE job")
    }
}
