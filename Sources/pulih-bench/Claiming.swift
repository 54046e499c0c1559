import Benchmarks
import Domain
import SQL
import SQLite
import Store

/// Claim and settle with a long history, many jobs waiting for their time and many of a paused kind, against an empty
/// table: how long one batch takes, on either side in turn.
enum Claiming {
    static let benchmark = Benchmark(
        Line(
            "claim",
            "Claim and settle a batch of 32 behind 3,000,000 finished, 1,000,000 future and 1,000,000 paused"
                + " jobs, over an empty table.",
            target: "at most 1.2, p50 and p99", seconds: 80), run)

    private static let rows = (finished: 3_000_000, future: 1_000_000, paused: 1_000_000)
    private static let rounds = 5
    /// Of each round, which ends after so many seconds in any case.
    private static let (batches, longest) = (300, 8.0)
    private static let batch = 32
    private static let pausedKind = "reset-notice"

    static func run(_ run: Run) throws {
        run.say("fills a table with 5,000,000 jobs")
        let (emptyPath, fullPath) = (run.folder.fresh("empty.db"), run.folder.fresh("full.db"))
        try prepare(emptyPath)
        try prepare(fullPath)
        try fill(fullPath)
        let (empty, full) = (
            try Database(path: emptyPath, clock: BenchClock()), try Database(path: fullPath, clock: BenchClock())
        )
        defer {
            empty.close()
            full.close()
        }
        let measures = ["p50", "p99"].map { part in
            Measure(
                "claim and settle \(batch), \(part)", "ms", "behind 5,000,000 jobs", over: "empty table", .atMost(1.2))
        }
        for database in [full, empty] { try enqueue(rounds * batches * batch, to: database) }
        try run.compare(measures, rounds: rounds) { _ in
            var (behind, alone): ([Double], [Double]) = ([], [])
            var (last, lastAlone): ([Job], [Job]) = ([], [])
            let start = ContinuousClock.now
            while behind.count < batches, seconds(since: start) < longest {
                behind.append(try seconds { last = try turn(full, settling: last) } * 1000)
                alone.append(try seconds { lastAlone = try turn(empty, settling: lastAlone) } * 1000)
            }
            return [0.5, 0.99].map { (percentile(behind, $0), percentile(alone, $0)) }
        }
    }

    /// Both tables have a paused kind.
    private static func prepare(_ path: String) throws {
        let database = try Database(path: path, clock: BenchClock())
        defer { database.close() }
        let pause = PausedKind(kind: pausedKind, at: BenchClock().now(), by: "bench", why: "to be stepped over")
        _ = try database.write { try $0.pause(pause) }
    }

    private static func fill(_ path: String) throws {
        let connection = try SQLiteConnection(path: path, role: .writer)
        let now = BenchClock().now().milliseconds
        // Counting arrivals row by row would take most of the time.
        let triggers = try connection.all(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'job'"
        ) { (name: $0.text(0), sql: $0.text(1)) }
        for trigger in triggers { try connection.execute("DROP TRIGGER \(trigger.name)") }
        try insert(
            rows.finished, "kind, state, created_at, run_at, outcome, finished_at",
            "'reset-request', 'done', $2 - n, $2 - n, 'mailed', $2 - n", now, connection)
        try insert(
            rows.future, "kind, payload, state, created_at, run_at",
            "'reset-request', '{}', 'scheduled', $2, $2 + 86400000 + n", now, connection)
        try insert(
            rows.paused, "kind, payload, created_at, run_at", "'\(pausedKind)', '{}', $2 - n, $2 - n", now, connection)
        for trigger in triggers { try connection.execute(trigger.sql) }
        _ = try connection.checkpoint(waiting: 1_000)
    }

    /// In slices, so that the log does not become as long as the database.
    private static func insert(
        _ count: Int, _ columns: String, _ values: String, _ now: Int64, _ connection: SQLiteConnection
    ) throws {
        let slice = 500_000
        for start in stride(from: 0, to: count, by: slice) {
            try connection.transaction {
                _ = try connection.run(
                    """
                    WITH RECURSIVE number (n) AS (SELECT \(start) UNION ALL SELECT n + 1 FROM number WHERE n < $1)
                    INSERT INTO job (\(columns)) SELECT \(values) FROM number
                    """, [.integer(start + min(slice, count - start) - 1), .integer(now)])
            }
            _ = try connection.checkpoint(waiting: 1_000)
        }
    }

    private static func enqueue(_ count: Int, to database: Database) throws {
        let job = NewJob(kind: "reset-request", payload: "{}", createdAt: BenchClock().now())
        try database.write { transaction in
            for _ in 0..<count { try transaction.enqueue(job) }
        }
    }

    private static func turn(_ database: Database, settling jobs: [Job]) throws -> [Job] {
        let now = BenchClock().now()
        return try database.write { transaction in
            for job in jobs {
                _ = try transaction.settle(job.claim, .done(outcome: .mailed, reason: ""), attempt: nil, at: now)
            }
            try transaction.promote(at: now, limit: 500)
            return try transaction.claim(limit: batch, at: now, leaseUntil: now + .minutes(1), worker: "bench")
        }
    }
}
