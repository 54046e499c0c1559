import Benchmarks
import Domain
import PostgreSQL
import Store
import Threading

/// Whether what has gathered in PostgreSQL's tables, and what cleans them, is felt: a long history while it is vacuumed, and an
/// hour's backlog.
enum Flat {
    static let benchmark = Benchmark(
        Line(
            "flat",
            "Batches of 32 claimed and settled on PostgreSQL behind \(finished) finished jobs while the table is vacuumed, "
                + "and of \(backlog) ready jobs and as many scheduled ones, over a short and calm queue.",
            target: "at least 0.83", seconds: 40, needs: [.postgreSQL]), run)

    /// An hour of 50 requests a second.
    private static let (finished, backlog) = (1_000_000, 180_000)
    /// Of a round.
    private static let portion = 1_280

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
        for queue in queues { try portion(of: queue, isQueued: false) }

        let cleaning = try Cleaning(addresses[1])
        let measures = [("vacuumed history", "behind \(finished) finished jobs"), ("backlog", "of \(backlog) ready jobs")]
            .map { name, side in
                Measure("claim and settle on PostgreSQL, \(name)", "jobs/s", side, over: "short queue", .atLeast(0.83))
            }
        try run.compare(measures) { _ in
            let calm = try portion(of: queues[0], isQueued: false)
            let behind = try cleaning.during { try portion(of: queues[1], isQueued: false) }
            return [(behind, calm), (try portion(of: queues[2], isQueued: true), calm)]
        }
        run.tell("runs of VACUUM beside it", Double(cleaning.count), "")
    }

    /// - Parameter isQueued: whether its jobs are there already.
    @discardableResult
    private static func portion(of queue: QueueTurns, isQueued: Bool) throws -> Double {
        if !isQueued { try queue.enqueue(portion) }
        return try queue.settle(portion)
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

/// Vacuums the table of jobs again and again, as autovacuum does by itself when enough of it has changed: all of its pages and
/// indices, whatever was cleaned before.
private final class Cleaning: Sendable {
    private let address: String
    private let runs = Monitor(0)

    init(_ address: String) throws { self.address = address }

    var count: Int { runs.withLock { $0 } }

    func during(_ body: () throws -> Double) throws -> Double {
        let (isOver, failure) = (Monitor(false), Monitor<String?>(nil))
        let (address, runs) = (address, runs)
        let before = count
        let thread = Thread(name: "vacuum") {
            do {
                let connection = try PostgreSQLConnection([("dbname", address)])
                while !isOver.withLock({ $0 }) {
                    runs.withLock { $0 += 1 }
                    try connection.execute("VACUUM (DISABLE_PAGE_SKIPPING, INDEX_CLEANUP ON) job")
                }
            } catch { failure.withLock { $0 = "\(error)" } }
        }
        // What is measured begins within the first run.
        let _: Bool? = runs.wait(timeout: .seconds(5)) { $0 > before ? true : nil }
        let result = Result { try body() }
        isOver.withLock { $0 = true }
        thread.join()
        if let failure = failure.withLock({ $0 }) { throw BenchFailure(failure) }
        return try result.get()
    }
}
