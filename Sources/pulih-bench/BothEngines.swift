import Benchmarks
import Domain
import PostgreSQL
import Store
import Threading

/// The store on PostgreSQL, over SQLite on the same disk and over the queue of a bare libpq program: what the way to a server
/// and its log cost.
enum BothEngines {
    static let benchmark = Benchmark(
        Line(
            "postgresql",
            "Requests stored and batches of 32 claimed and settled on PostgreSQL, over SQLite on the same disk and over "
                + "a bare libpq program; behind 1,000,000 finished jobs over an empty table; word from one process to "
                + "another.",
            target: "at most 1.2 behind a history; word within 20 ms, p99", seconds: 60, needs: [.postgreSQL]), run)

    private static let (writers, writesEach, batches, batch, finished) = (64, 40, 150, 32, 1_000_000)

    static func run(_ run: Run) throws {
        let server = try PostgreSQLProcess(run.folder)
        defer { server.stop() }
        let addresses = try (0..<4).map { _ in try server.database() }
        let lite = try Database(path: run.folder.fresh("lite.db"), clock: BenchClock())
        let (one, full) = (
            try Database(server.engine(addresses[0]), clock: BenchClock()),
            try Database(server.engine(addresses[1]), clock: BenchClock())
        )
        let other = try Database(server.engine(addresses[0]), clock: BenchClock())
        defer { for database in [lite, one, full, other] { database.close() } }
        guard let bare = BareQueue(address: addresses[2]) else {
            throw BenchFailure("libpq alone cannot make its queue")
        }
        run.say("fills a table with \(finished) jobs")
        try fill(addresses[1])
        let costs = try ServerCosts(addresses[3])
        try compare(run, lite, one, full, bare, costs)
        try tell(run, from: one, to: other)
        try costs.tell(run)
    }

    private static func compare(
        _ run: Run, _ lite: Database, _ one: Database, _ full: Database, _ bare: BareQueue, _ costs: ServerCosts
    ) throws {
        var logged: Int64 = 0
        try run.compare(
            [
                Measure("postgresql, requests stored", "/s", "PostgreSQL, 64 writers", over: "SQLite, 64 writers"),
                Measure("postgresql, jobs claimed and settled", "/s", "Pulih on PostgreSQL", over: "Pulih on SQLite"),
                Measure("postgresql, jobs claimed and settled, bare", "/s", "Pulih on PostgreSQL", over: "libpq alone"),
                Measure(
                    "postgresql, a batch behind a history, p50", "ms", "behind \(finished) finished jobs",
                    over: "empty table", .atMost(1.2)),
            ]
        ) { _ in
            let before = try costs.logged()
            let onServer = try store(one)
            logged = try costs.logged() - before
            let stored = (onServer, try store(lite))
            for database in [lite, one, full] { try enqueue(batches * batch, to: database) }
            guard bare.enqueue(batches * batch) else { throw BenchFailure("libpq alone cannot enqueue") }
            let turns = (try turns(one), try turns(lite), try turns(full))
            let alone = try (0..<batches).map { _ in
                try seconds {
                    guard bare.turn(batch) == batch else { throw BenchFailure("libpq alone cannot claim") }
                }
            }
            let rate = { (times: [Double]) in Double(batch * times.count) / times.reduce(0, +) }
            return [
                stored, (rate(turns.0), rate(turns.1)), (rate(turns.0), rate(alone)),
                (percentile(turns.2, 0.5) * 1000, percentile(turns.0, 0.5) * 1000),
            ]
        }
        run.tell("postgresql, log of a request stored", Double(logged) / Double(writers * writesEach), "bytes")
    }

    /// Each write durable before the next of its thread.
    /// - Returns: writes a second.
    private static func store(_ database: Database) throws -> Double {
        let failed = Monitor(0)
        let time = seconds {
            let all = (0..<writers).map { number in
                Thread(name: "writer-\(number)") {
                    for write in 0..<writesEach {
                        let request = try? Installation.request(number * writesEach + write + 1)
                        let stored = request.flatMap { request in try? database.write { try $0.enqueue(request) } }
                        if stored == nil { failed.withLock { $0 += 1 } }
                    }
                }
            }
            for thread in all { thread.join() }
        }
        guard failed.withLock({ $0 }) == 0 else { throw BenchFailure("not every request was stored") }
        return Double(writers * writesEach) / time
    }

    private static func enqueue(_ count: Int, to database: Database) throws {
        let job = NewJob(kind: "reset-request", payload: "{}", createdAt: BenchClock().now())
        try database.write { transaction in for _ in 0..<count { try transaction.enqueue(job) } }
    }

    /// Claims a batch in one transaction and settles it in another, as the bare side does.
    /// - Returns: the seconds of each.
    private static func turns(_ database: Database) throws -> [Double] {
        try (0..<batches).map { _ in
            try seconds {
                let now = BenchClock().now()
                let jobs = try database.write {
                    try $0.claim(limit: batch, at: now, leaseUntil: now + .minutes(1), worker: "bench")
                }
                guard jobs.count == batch else { throw BenchFailure("there was less to claim than was enqueued") }
                let ends = jobs.map { ClaimEnd($0.claim, .done(outcome: .mailed, reason: ""), attempt: nil) }
                _ = try database.write { try $0.settle(ends, at: now) }
            }
        }
    }

    private static func fill(_ address: String) throws {
        let connection = try PostgreSQLConnection([("dbname", address)], setup: "")
        try connection.execute(
            """
            INSERT INTO job (kind, state, created_at, run_at, outcome, finished_at)
            SELECT 'reset-request', 'done', n, n, 'mailed', n FROM generate_series(1, \(finished)) AS n;
            ANALYZE
            """)
    }

    /// How long after a commit another process, which has a database of its own, hears of it.
    private static func tell(_ run: Run, from one: Database, to other: Database) throws {
        let heard = Monitor<ContinuousClock.Instant?>(nil)
        let watcher = try other.watchChanges { heard.withLock { $0 = ContinuousClock.now } }
        defer { watcher.close() }
        var waits: [Double] = []
        let measure = Measure(
            "postgresql, word to another process, p99", "ms", "commit to word", over: "limit", .atMost(1))
        try run.compare([measure]) { _ in
            let some = try (0..<100).map { number -> Double in
                let request = try Installation.request(number + 1)
                heard.withLock { $0 = nil }
                _ = try one.write { try $0.enqueue(request) }
                let committed = ContinuousClock.now
                guard let instant = heard.wait(timeout: .seconds(2), { $0 }) else { throw BenchFailure("no word came") }
                return max(0, (instant - committed) / .seconds(1))
            }
            waits += some
            return [(percentile(some, 0.99) * 1000, 20)]
        }
        run.tell("postgresql, word to another process", waits: waits)
    }
}
