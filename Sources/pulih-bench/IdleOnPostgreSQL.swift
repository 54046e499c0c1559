import Benchmarks
import Domain
import Glibc
import PostgreSQL
import Store

/// A worker and a portal on PostgreSQL with nothing to do: what waiting costs, and how soon a request of somebody else, as if on
/// another machine, reaches the relay.
enum IdleOnPostgreSQL {
    static let benchmark = Benchmark(
        Line(
            "idle-postgresql",
            "An idle worker and portal on PostgreSQL: CPU of each and of the server; from the commit of a request by another "
                + "process, a portal's or a plain INSERT, to RCPT at the relay.",
            target: "0.2 % of a core; at most 20 ms, p99", seconds: 50, needs: [.program, .postgreSQL]), run)

    private static let requests = 75

    static func run(_ run: Run) throws {
        let server = try PostgreSQLProcess(run.folder)
        defer { server.stop() }
        let relay = try SlowRelay(pause: 0)
        defer { relay.stop() }
        let address = try server.database()
        let installation = try Installation(
            run.folder, on: server.engine(address), relayPort: relay.port, lanes: 4, accounts: 2 * requests)
        let (worker, portal) = (try installation.start("worker"), try installation.startPortal())
        defer { for process in [portal, worker] { process.stop() } }
        try worker.answers(on: installation.operationsPort)
        let database = try installation.openDatabase()
        defer { database.close() }
        try compareWaits(run, relay, database, try PostgreSQLConnection([("dbname", address)]))
        try compareCosts(run, worker, portal, server)
    }

    private static func compareWaits(
        _ run: Run, _ relay: SlowRelay, _ database: Database, _ program: PostgreSQLConnection
    ) throws {
        let ways: [(name: String, enqueue: (Int) throws -> Void)] = [
            (
                "a portal's",
                { number in
                    let request = try Installation.request(number)
                    _ = try database.write { try $0.enqueue(request) }
                }
            ),
            (
                "a plain INSERT",
                { number in
                    let payload = try Installation.request(number).payload
                    try program.execute("INSERT INTO job (kind, payload) VALUES ('reset-request', '\(payload)')")
                }
            ),
        ]
        var waits = ways.map { _ in [Double]() }
        var commits: [Double] = []
        let measures = ways.map { way in
            Measure("idle on PostgreSQL, \(way.name), p99", "ms", "commit to RCPT", over: "limit", .atMost(1))
        }
        try run.compare(measures) { _ in
            relay.forget()
            return try ways.enumerated().map { index, way in
                let some = try (1...requests).map { number in
                    // What the one before leaves to do is over: the worker's own commits wake it too.
                    usleep(useconds_t.random(in: 15_000..<30_000))
                    let account = index * requests + number
                    commits.append(try seconds { try way.enqueue(account) })
                    let committed = ContinuousClock.now
                    // It may be heard of before the one who has committed knows it.
                    return try max(
                        0, (relay.waitForRecipient(Installation.address(account)) - committed) / .seconds(1))
                }
                waits[index] += some
                return (percentile(some, 0.99) * 1000, 20)
            }
        }
        for (way, waits) in zip(ways, waits) { run.tell("\(way.name), commit to RCPT", waits: waits) }
        run.tell("their own commit", waits: commits)
    }

    private static func compareCosts(_ run: Run, _ worker: Child, _ portal: Child, _ server: PostgreSQLProcess) throws {
        let measures = [("pulih worker", 0.2 as Double?), ("pulih portal", 0.2), ("PostgreSQL's processes", nil)]
            .map { name, limit in
                Measure(
                    "idle on PostgreSQL, CPU of \(name)", "% of a core", name, over: "limit",
                    limit.map { _ in .atMost(1) })
            }
        try run.compare(measures) { _ in
            let used = { [worker.processorTime, portal.processorTime, server.processorTime] }
            let before = used()
            let time = seconds { usleep(5_000_000) }
            return zip(used(), before).map { (($0 - $1) / time * 100, 0.2) }
        }
    }
}
