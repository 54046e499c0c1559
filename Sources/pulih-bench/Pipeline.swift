import Domain
import Glibc
import SMTP
import Store
import Threading

/// The whole way of 2,000 queued requests into smtp-sink, sixteen lanes, against sending messages of the same size over
/// sixteen connections and doing nothing else.
enum Pipeline {
    private static let mails = 2_000
    private static let lanes = 16

    static func run(_ folder: WorkFolder) throws {
        let port = Sink.port()
        let sink = try Sink.start(folder, port: port)
        defer { sink.stop() }
        var resident: [Int] = []
        for (name, limit) in [("10 mails a connection", 10), ("one connection a lane", 1_000_000)] {
            try compare(
                "pipeline, \(name)", unit: "mails/s", rounds: 5,
                ("queue to relay", { try wholePipeline(folder, port: port, limit, &resident) }),
                ("sending alone", { try sending(port: port, limit) }))
        }
        printLine("pipeline: resident after \(mails) mails \(resident.max().map { $0 / 1024 } ?? 0) MiB at most")
    }

    /// From the first claim to the last settlement, by the queue's own times.
    private static func wholePipeline(_ folder: WorkFolder, port: Int, _ limit: Int, _ resident: inout [Int]) throws
        -> Double
    {
        let installation = try Installation(
            folder, relayPort: port, lanes: lanes, accounts: mails, messagesPerConnection: limit)
        try installation.enqueue(mails)
        let worker = try installation.start("worker", log: folder.fresh("worker"))
        defer { worker.stop() }
        let database = try installation.openDatabase()
        defer { database.close() }
        for _ in 0..<6_000 {
            let counts = try database.read { try $0.queueCounts() }
            if counts.allSatisfy({ $0.state == .done }) { break }
            usleep(10_000)
        }
        resident.append(worker.memory("VmRSS"))
        let jobs = try database.read { try $0.jobs(JobFilter(state: .done), limit: mails) }
        let first = try database.read { transaction in
            try jobs.last.flatMap { try transaction.attempts(job: $0.id).first }
        }
        guard jobs.count == mails, jobs.allSatisfy({ $0.outcome == "mailed" }), let first,
            let last = jobs.compactMap(\.finishedAt).max()
        else { throw BenchFailure("not every mail was sent") }
        return Double(mails) / max((last - first.startedAt).seconds, 0.001)
    }

    private static func sending(port: Int, _ limit: Int) throws -> Double {
        let relay = try Relay(host: "127.0.0.1", port: port, tls: .none, messagesPerConnection: limit)
        let message = try Message(
            envelopeSender: "pulih@example.org", recipient: "user1@example.org",
            headers: [
                Header("Date", "Mon, 23 Nov 2026 22:34:05 +0700"), Header("From", "pulih@example.org"),
                Header("To", "user1@example.org"), Header("Subject", "Konfirmasi Permintaan Reset TOTP"),
            ],
            text: String(repeating: "Kami menerima permintaan untuk mereset TOTP.\n", count: 25),
            html: String(repeating: "<p>Kami menerima permintaan untuk mereset TOTP.</p>\n", count: 90))
        let failed = Monitor(0)
        let time = seconds {
            let threads = (0..<lanes).map { number in
                Thread(name: "lane-\(number)") {
                    let courier = SMTP.SMTPClient(to: relay)
                    for _ in 0..<(mails / lanes) where courier.send(message).status != .delivered {
                        failed.withLock { $0 += 1 }
                    }
                }
            }
            for thread in threads { thread.join() }
        }
        guard failed.withLock({ $0 }) == 0 else { throw BenchFailure("a mail was not sent") }
        return Double(mails / lanes * lanes) / time
    }
}
