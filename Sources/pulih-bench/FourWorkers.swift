import Benchmarks
import Domain
import Glibc
import PostgreSQL
import Store

/// Several workers over one queue on PostgreSQL: whether the lock that all writers take in turn, and claims that step over
/// what others have claimed, leave them any use of each other.
enum FourWorkers {
    static let benchmark = Benchmark(
        Line(
            "workers",
            "Resets from a queue on PostgreSQL by four workers of 4 lanes each, as if on four machines, over one of them: into "
                + "smtp-sink, where one has both cores busy, and into a relay that takes 5 ms for each mail.",
            target: "at least 1", seconds: 70, needs: [.program, .sink, .postgreSQL]), run)

    private static let (workers, resets) = (4, 1_500)

    static func run(_ run: Run) throws {
        let server = try PostgreSQLProcess(run.folder)
        defer { server.stop() }
        let sink = try Sink(run.folder)
        defer { sink.stop() }
        try compare(run, server, "resets from a queue on PostgreSQL", port: sink.port)
        let relay = try SlowRelay(pause: 5_000)
        defer { relay.stop() }
        try compare(run, server, "the same into a relay of 5 ms a mail", port: relay.port)
    }

    private static func compare(_ run: Run, _ server: PostgreSQLProcess, _ name: String, port: Int) throws {
        let address = try server.database()
        let first = try Installation(
            run.folder, on: server.engine(address), relayPort: port, lanes: 4, accounts: resets)
        let machines = try [first] + (1..<workers).map { _ in try first.another(run.folder) }
        let database = try first.openDatabase()
        defer { database.close() }
        let reader = try PostgreSQLConnection([("dbname", address)])
        let measure = Measure(name, "mails/s", "four workers", over: "one worker", .atLeast(1))
        try run.compare(measure) {
            try drain(machines, database, reader)
        } over: {
            try drain([first], database, reader)
        }
    }

    /// Queues a request for each account while nobody may take them, then lets workers that are ready have them.
    /// - Returns: mails a second, from the commit that lets them go to the last settlement as the queue has noted it.
    private static func drain(
        _ machines: [Installation], _ database: Database, _ reader: PostgreSQLConnection
    ) throws -> Double {
        let pause = PausedKind(
            kind: PausedKind.everything, at: BenchClock().now(), by: "bench", why: "to begin at once")
        _ = try database.write { try $0.pause(pause) }
        try machines[0].enqueue(resets, to: database)
        let workers = try machines.map { try $0.start("worker") }
        defer { for worker in workers { worker.stop() } }
        for (machine, worker) in zip(machines, workers) { try worker.answers(on: machine.operationsPort) }

        let start = BenchClock().now()
        _ = try database.write { try $0.resume(lane: PausedKind.everything) }
        return Double(resets) / (try end(since: start, reader) - start).seconds
    }

    /// Waits until as many mails as were queued are settled.
    /// - Returns: when the last one was.
    private static func end(since start: Instant, _ reader: PostgreSQLConnection) throws -> Instant {
        let sql = """
            SELECT count(*), max(finished_at) FROM job
            WHERE state = 'done' AND outcome = 'mailed' AND finished_at >= \(start.milliseconds)
            """
        for _ in 0..<6_000 {
            let row = try reader.rows(sql)[0].map { $0.flatMap(Int64.init) }
            if row[0] == Int64(resets), let last = row[1] { return Instant(milliseconds: last) }
            usleep(20_000)
        }
        throw BenchFailure("the queue did not become empty within two minutes")
    }
}
