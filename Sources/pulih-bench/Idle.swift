import Benchmarks
import Curl
import Domain
import Glibc
import Store

/// An idle installation: how soon it serves, how long a single request takes from its commit by another process to the
/// relay, what it costs to wait and what it holds in memory.
enum Idle {
    static let benchmark = Benchmark(
        Line(
            "idle",
            "From the commit of another process to RCPT at the relay on an idle machine, p99, over one "
                + "transaction of libcurl alone; CPU while idle; start.",
            target: "at most 3; 0.1 % of a core; 100 ms",
            limit:
                "Before a mail is sent its claim is on the disk: that commit and libcurl's transaction alone, measured beside "
                + "it, take 3.5 times the transaction, p99, before anybody is woken or anything is checked and rendered.",
            seconds: 65,
            needs: [.program]),
        run)

    private static let requests = 300

    static func run(_ run: Run) throws {
        let mail = try CapturedMail(run)
        let relay = try SlowRelay(pause: 0)
        defer { relay.stop() }
        let installation = try Installation(run.folder, relayPort: relay.port, lanes: 4, accounts: requests)
        try run.compare(
            Measure("idle, from start to the first answer", "ms", "pulih serve", over: "limit", .atMost(1)), limit: 100
        ) { try start(installation) }

        let service = try installation.start("serve")
        defer { service.stop() }
        try service.answers(on: installation.portalPort)
        let database = try installation.openDatabase()
        defer { database.close() }
        // As Pulih does by default, every tenth mail comes over a new connection, on both sides.
        guard let bare = BareLoad.sender(of: mail, to: relay.port, 10) else { throw BenchFailure("no memory") }
        let measures = ["p50", "p99"].map { part in
            Measure(
                "idle, a request of another process, \(part)", "ms", "Pulih, commit to RCPT",
                over: "libcurl alone, a whole transaction", part == "p99" ? .atMost(3) : nil)
        }
        let least = Measure(
            "idle, without waking, validation and rendering, p99", "ms", "a claim's commit, then libcurl alone",
            over: "libcurl alone, a whole transaction")
        let path = run.folder.fresh("rows.db")
        let (asking, claiming) = (
            try Database(path: path, clock: BenchClock()), try Database(path: path, clock: BenchClock())
        )
        defer { for database in [asking, claiming] { database.close() } }
        try run.compare(measures + [least]) { _ in
            relay.forget()
            var (waits, transactions, leastWaits): ([Double], [Double], [Double]) = ([], [], [])
            for number in 1...requests {
                // What the one before leaves to do is over: the worker's own commits wake it too.
                usleep(useconds_t.random(in: 8_000..<15_000))
                let request = try Installation.request(number)
                _ = try database.write { try $0.enqueue(request) }
                let start = ContinuousClock.now
                waits.append(try (relay.waitForRecipient(Installation.address(number)) - start) / .milliseconds(1))
                usleep(3_000)
                let transaction =
                    try seconds { guard bare.send() else { throw BenchFailure("the relay refused a mail") } } * 1000
                transactions.append(transaction)
                usleep(3_000)
                _ = try asking.write { try $0.enqueue(request) }
                leastWaits.append(try seconds { try claimOne(of: claiming) } * 1000 + transaction)
            }
            return [0.5, 0.99].map { (percentile(waits, $0), percentile(transactions, $0)) }
                + [(percentile(leastWaits, 0.99), percentile(transactions, 0.99))]
        }
        try run.compare(
            Measure("idle, CPU while there is nothing to do", "% of a core", "pulih serve", over: "limit", .atMost(1)),
            limit: 0.1
        ) {
            let before = service.processorTime
            let time = seconds { usleep(5_000_000) }
            return (service.processorTime - before) / time * 100
        }
        run.tell("resident while idle", service.residentMemory, "MiB")
    }

    private static func claimOne(of database: Database) throws {
        let now = BenchClock().now()
        let jobs = try database.write { transaction in
            try transaction.claim(limit: 1, at: now, leaseUntil: now + .minutes(1), worker: "bench")
        }
        guard jobs.count == 1 else { throw BenchFailure("there was nothing to claim") }
    }

    /// - Returns: milliseconds.
    private static func start(_ installation: Installation) throws -> Double {
        let start = ContinuousClock.now
        let service = try installation.start("serve")
        defer { service.stop() }
        while true {
            if let client = try? PortalClient(port: installation.portalPort, from: "127.0.0.1") {
                guard try client.get("/").status == 200 else { throw BenchFailure("the portal does not serve") }
                return seconds(since: start) * 1000
            }
            guard seconds(since: start) < 20 else { throw BenchFailure("the portal never answered") }
            usleep(200)
        }
    }
}
