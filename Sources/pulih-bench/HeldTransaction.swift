import Benchmarks
import Domain
import PostgreSQL
import Store

/// A transaction that somebody holds open while jobs come and go: of what it could still see PostgreSQL removes nothing, so
/// that everything which has changed since is in the way of whoever looks for what is there now.
enum HeldTransaction {
    static let benchmark = Benchmark(
        Line(
            "held",
            "Requests stored, jobs claimed and settled and looks for work on PostgreSQL, when "
                + "\(figure(Double(Choice.usualHeldJobs))) jobs have come and gone while somebody held a transaction open, "
                + "over another database without one; then after its end.",
            target: "at least 0.83 of the rates, at most 1.2 of a look", seconds: 40, needs: [.postgreSQL]), run)

    /// Of a round.
    private static let portion = 800

    static func run(_ run: Run) throws {
        let server = try PostgreSQLProcess(run.folder)
        defer { server.stop() }
        // What a transaction sees keeps nothing from being removed in other databases.
        let addresses = try (0..<2).map { _ in try server.database() }
        let databases = try addresses.map { try Database(server.engine($0), clock: BenchClock()) }
        defer { for database in databases { database.close() } }
        let (held, calm) = (QueueTurns(databases[0]), QueueTurns(databases[1]))
        let observer = try PostgreSQLConnection([("dbname", addresses[0])])
        for queue in [held, calm] { try turnOver(portion, queue) }

        let holder = try PostgreSQLConnection([("dbname", addresses[0])])
        try holder.execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM job")
        for done in stride(from: 0, to: run.heldJobs, by: portion) {
            if done.isMultiple(of: 10 * portion) { run.say("\(done) of \(run.heldJobs) jobs have come and gone") }
            try turnOver(portion, held)
        }
        try compare(run, "held open", held, calm)
        try tellSize(run, "held open", observer)

        try holder.execute("COMMIT")
        try observer.execute("VACUUM")
        try compare(run, "ended", held, calm)
        try tellSize(run, "ended", observer)
    }

    private static func turnOver(_ count: Int, _ queue: QueueTurns) throws {
        try queue.enqueue(count)
        try queue.settle(count)
    }

    private static func compare(_ run: Run, _ state: String, _ held: QueueTurns, _ calm: QueueTurns) throws {
        let side = "behind \(figure(Double(run.heldJobs))) jobs"
        let rates = ["requests stored", "jobs claimed and settled"].map { what in
            Measure("\(what), a transaction \(state)", "/s", side, over: "no transaction", .atLeast(0.83))
        }
        let look = Measure("a look for work, a transaction \(state)", "ms", side, over: "no transaction", .atMost(1.2))
        let beat = Measure("a heartbeat, a transaction \(state)", "ms", side, over: "no transaction")
        try run.compare(rates + [look, beat]) { _ in
            let stored = try QueueTurns.rates(of: [held, calm], portion, QueueTurns.enqueue)
            let looks = (try held.look(), try calm.look())
            let settled = try QueueTurns.rates(of: [held, calm], portion, QueueTurns.settle)
            return [(stored[0], stored[1]), (settled[0], settled[1]), looks, (try held.beat(), try calm.beat())]
        }
    }

    private static func tellSize(_ run: Run, _ state: String, _ observer: PostgreSQLConnection) throws {
        for table in ["job", "tally_delta"] {
            let rows = try observer.rows("SELECT pg_total_relation_size('\(table)'), (SELECT count(*) FROM job)")
            let figures = rows[0].map { $0.flatMap(Double.init) ?? .nan }
            run.tell("table \(table) with its indices, \(state)", figures[0] / figures[1], "bytes a job")
        }
    }
}
