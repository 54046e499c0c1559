import Domain
import Glibc
import Store

/// How long an urgent job waits behind 100,000 notices: from its commit by another process until a relay that takes 20 ms
/// a mail hears of its recipient. The limit is a second.
enum Order {
    private static let notices = 100_000
    private static let requests = 300
    private static let limit = 1.0

    static func run(_ folder: WorkFolder) throws {
        for lanes in [1, 4] {
            let waits = try measure(folder, lanes: lanes).map { $0 * 1000 }
            let (half, most) = (percentile(waits, 0.5), percentile(waits, 0.99))
            printLine(
                "order: an urgent job behind \(notices) notices, 20 ms a mail, \(lanes) \(lanes == 1 ? "lane" : "lanes"), "
                    + "commit to RCPT p50 \(whole(half)) ms, p99 \(whole(most)) ms, "
                    + "ratio to the limit \(hundredths(most / 1000 / limit))")
        }
    }

    private static func measure(_ folder: WorkFolder, lanes: Int) throws -> [Double] {
        let port = Sink.port()
        let relay = try SlowRelay(port: port, pause: 20_000)
        defer { relay.stop() }
        // The notices go to the first account, the requests to one each of the others.
        let installation = try Installation(folder, relayPort: port, lanes: lanes, accounts: requests + 1)
        let database = try installation.openDatabase()
        defer { database.close() }
        let now = BenchClock().now()
        let notice = try NoticePayload(account: 1, at: now, address: "192.0.2.1").job(for: .reset, at: now)
        try database.write { transaction in
            for _ in 0..<notices { try transaction.enqueue(notice) }
        }
        let worker = try installation.start("worker", log: folder.fresh("worker"))
        defer { worker.stop() }
        _ = try relay.waitForRecipient(Installation.address(1))
        let waits = try (2...requests + 1).map { number in
            // At any moment of the mails under way.
            usleep(useconds_t.random(in: 0..<40_000))
            let request = try Installation.request(number)
            _ = try database.write { try $0.enqueue(request) }
            let start = ContinuousClock.now
            return try (relay.waitForRecipient(Installation.address(number)) - start) / .seconds(1)
        }
        let left = try database.read { try $0.readyByClass()[.normal]?.count ?? 0 }
        guard left > notices / 2 else { throw BenchFailure("the notices did not last: \(left) are left") }
        return waits
    }
}
