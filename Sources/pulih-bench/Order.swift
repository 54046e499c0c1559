import Benchmarks
import Domain
import Glibc
import Store

/// How long an urgent job waits behind 100,000 notices: from its commit by another process until a relay that takes 20
/// ms a mail hears of its recipient.
enum Order {
    static let benchmark = Benchmark(
        Line(
            "order",
            "From commit to RCPT of an urgent job behind 100,000 notices, relay of 20 ms a mail, 1 and 4 lanes.",
            target: "at most 1 of the limit, a second, p99", seconds: 45, needs: [.program]), run)

    private static let notices = 100_000
    private static let rounds = 5
    /// Of each round.
    private static let requests = 100
    private static let limit = 1000.0

    static func run(_ run: Run) throws {
        for lanes in [1, 4] { try measure(run, lanes: lanes) }
    }

    private static func measure(_ run: Run, lanes: Int) throws {
        run.say("queues \(notices) notices")
        let relay = try SlowRelay(pause: 20_000)
        defer { relay.stop() }
        // The notices go to the first account, the requests to one each of the others.
        let installation = try Installation(
            run.folder, relayPort: relay.port, lanes: lanes, accounts: rounds * requests + 1)
        let database = try installation.openDatabase()
        defer { database.close() }
        let now = BenchClock().now()
        let notice = try NoticePayload(account: 1, at: now, address: "192.0.2.1").job(for: .reset, at: now)
        try database.write { transaction in
            for _ in 0..<notices { try transaction.enqueue(notice) }
        }
        let worker = try installation.start("worker")
        defer { worker.stop() }
        _ = try relay.waitForRecipient(Installation.address(1))

        var (all, account): ([Double], Int) = ([], 1)
        try run.compare(
            Measure(
                "order, an urgent job behind \(notices), p99", "ms", "commit to RCPT, lanes: \(lanes)", over: "limit",
                .atMost(1)), limit: limit, rounds: rounds
        ) {
            let waits = try (0..<requests).map { _ in
                account += 1
                // At any moment of the mails under way.
                usleep(useconds_t.random(in: 0..<40_000))
                let request = try Installation.request(account)
                _ = try database.write { try $0.enqueue(request) }
                let start = ContinuousClock.now
                return try (relay.waitForRecipient(Installation.address(account)) - start) / .seconds(1)
            }
            all += waits
            return percentile(waits, 0.99) * 1000
        }
        run.tell("commit to RCPT, lanes: \(lanes)", waits: all)
        let left = try database.read { try $0.readyByClass()[.normal]?.count ?? 0 }
        guard left > notices / 2 else { throw BenchFailure("the notices did not last: \(left) are left") }
    }
}
