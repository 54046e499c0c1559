import Domain
import Support
import Testing

@testable import Store

@Suite("Statistics")
struct StatisticTests {
    private let fixture: TemporaryDatabase
    private var database: Database { fixture.database }

    init() throws { fixture = try TemporaryDatabase() }

    private func enqueue(_ kind: String = "mail-test") throws {
        let now = fixture.clock.now()
        _ = try database.write { try $0.enqueue(NewJob(kind: kind, payload: "{}", createdAt: now)) }
    }

    private func claim() throws -> Job? {
        let now = fixture.clock.now()
        return try database.write {
            try $0.claim(limit: 1, at: now, leaseUntil: now + .seconds(60), worker: "w").first
        }
    }

    private func settle(_ job: Job, _ settlement: Settlement, _ verdict: Delivery.Outcome, code: Int?) throws {
        let now = fixture.clock.now()
        let attempt = Attempt(
            number: 1, startedAt: now, seconds: 0.2, stage: "data-end", code: code, verdict: verdict, reply: "x",
            reusedConnection: true, worker: "w")
        #expect(try database.write { try $0.settle(job.claim, settlement, attempt: attempt, at: now) })
    }

    private func count(_ name: Statistic.Name, _ label: String? = nil) throws -> Int {
        try database.read { try $0.totals() }
            .filter { $0.name == name && (label == nil || $0.label == label) }.reduce(0) { $0 + $1.count }
    }

    @Test("A job is counted when it comes, when it is first claimed, and when it is settled")
    func story() throws {
        try enqueue()
        fixture.clock.advance(.seconds(4))
        let job = try #require(try claim())
        try settle(job, .done(outcome: .mailed, reason: ""), .delivered, code: 250)
        #expect(try count(.arrived) == 1)
        #expect(try count(.waited, "5") == 1)
        #expect(try count(.ran, "0.25") == 1)
        #expect(try count(.finished, "mailed") == 1)
        #expect(try count(.replied, "data-end/2") == 1)
        #expect(try count(.connected, "reused") == 1)
        let waits = Histogram(try database.read { try $0.totals() }.filter { $0.name == .waited })
        #expect(waits.count == 1 && waits.total == 4)
    }

    @Test("Jobs of other programs are counted too")
    func outside() throws {
        _ = try fixture.shell("INSERT INTO job (kind, payload) VALUES ('reset-request', '{}');")
        #expect(try count(.arrived) == 1)
    }

    @Test("What is rolled back is not counted")
    func rolledBack() throws {
        struct Refusal: Error {}
        let now = fixture.clock.now()
        try enqueue()
        #expect(throws: Refusal.self) {
            try database.write { transaction in
                try transaction.enqueue(NewJob(kind: "k", payload: "", createdAt: now))
                _ = try transaction.claim(limit: 5, at: now, leaseUntil: now, worker: "w")
                throw Refusal()
            }
        }
        #expect(try count(.arrived) == 1)
        #expect(try count(.waited) == 0)
        // Nor is it counted by the next write.
        try enqueue()
        #expect(try count(.waited) == 0)
    }

    @Test("Retries, unknown ends and lapsed leases are told apart")
    func troubles() throws {
        try enqueue()
        let now = fixture.clock.now()
        try settle(
            try #require(try claim()), .retry(at: now, reason: "", unknown: false), .temporary, code: 450)
        _ = try database.write { try $0.promote(at: now, limit: 1) }
        try settle(try #require(try claim()), .retry(at: now, reason: "", unknown: true), .unknown, code: nil)
        _ = try database.write { try $0.promote(at: now, limit: 1) }
        _ = try #require(try claim())
        let late = fixture.clock.advance(.seconds(61))
        _ = try database.write { try $0.rescueExpired(at: late, limit: 5) { _ in .seconds(0) } }
        #expect(try count(.retried, "temporary") == 1)
        #expect(try count(.retried, "unknown") == 1)
        #expect(try count(.ambiguous) == 1)
        #expect(try count(.lapsed) == 1)
        #expect(try count(.replied, "data-end/none") == 1)
        // One job, claimed three times: it waited once.
        #expect(try count(.waited) == 1)
    }

    @Test("Old slots go; the sums stay, and the picture of a day loses nothing")
    func pruning() throws {
        for _ in 0..<40 {
            try enqueue()
            fixture.clock.advance(.hours(1))
        }
        let now = fixture.clock.now()
        let day = try database.read { try $0.statistics(since: now - .hours(24)) }
        let totals = try database.read { try $0.totals() }
        _ = try database.write { try $0.prune(finishedBefore: now - .days(30), limit: 10, at: now) }
        #expect(try database.read { try $0.totals() } == totals)
        #expect(try database.read { try $0.statistics(since: now - .hours(24)) } == day)
        #expect(day.count == 24)
        #expect(try fixture.shell("SELECT count(*) FROM tally;") == "27")
    }
}
