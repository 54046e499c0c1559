import Domain
import Store
import Support
import Testing

@Suite("Statistics")
struct StatisticTests {
    @Test(
        "A job is counted when it comes, when it is first claimed, and when it is settled",
        arguments: TestEngine.allCases)
    func story(engine: TestEngine) throws {
        let fixture = try TemporaryDatabase(on: engine)
        try fixture.enqueue()
        fixture.clock.advance(.seconds(4))
        let job = try #require(try fixture.claim())
        try fixture.settle(job, .done(outcome: .mailed, reason: ""), .delivered, code: 250)
        #expect(try fixture.count(.arrived) == 1)
        #expect(try fixture.count(.waited, "5") == 1)
        #expect(try fixture.count(.ran, "0.25") == 1)
        #expect(try fixture.count(.finished, "mailed") == 1)
        #expect(try fixture.count(.replied, "data-end/2") == 1)
        #expect(try fixture.count(.connected, "reused") == 1)
        let waits = Histogram(try fixture.database.read { try $0.totals() }.filter { $0.name == .waited })
        #expect(waits.count == 1 && waits.total == 4)
    }

    @Test("Jobs of other programs are counted too", arguments: TestEngine.allCases)
    func outside(engine: TestEngine) throws {
        let fixture = try TemporaryDatabase(on: engine)
        try fixture.execute("INSERT INTO job (kind, payload) VALUES ('reset-request', '{}');")
        #expect(try fixture.count(.arrived) == 1)
    }

    @Test("What is rolled back is not counted", arguments: TestEngine.allCases)
    func rolledBack(engine: TestEngine) throws {
        let fixture = try TemporaryDatabase(on: engine)
        struct Refusal: Error {}
        let now = fixture.clock.now()
        try fixture.enqueue()
        #expect(throws: Refusal.self) {
            try fixture.database.write { transaction in
                try transaction.enqueue(NewJob(kind: "k", payload: "", createdAt: now))
                _ = try transaction.claim(limit: 5, at: now, leaseUntil: now, worker: "w")
                throw Refusal()
            }
        }
        #expect(try fixture.count(.arrived) == 1)
        #expect(try fixture.count(.waited) == 0)
        // Nor is it counted by the next write.
        try fixture.enqueue()
        #expect(try fixture.count(.waited) == 0)
    }

    @Test("Retries, unknown ends and lapsed leases are told apart", arguments: TestEngine.allCases)
    func troubles(engine: TestEngine) throws {
        let fixture = try TemporaryDatabase(on: engine)
        try fixture.enqueue()
        let now = fixture.clock.now()
        try fixture.settle(
            try #require(try fixture.claim()), .retry(at: now, reason: "", unknown: false), .temporary, code: 450)
        try fixture.database.write { try $0.promote(at: now, limit: 1) }
        try fixture.settle(
            try #require(try fixture.claim()), .retry(at: now, reason: "", unknown: true), .unknown, code: nil)
        try fixture.database.write { try $0.promote(at: now, limit: 1) }
        _ = try #require(try fixture.claim())
        let late = fixture.clock.advance(.seconds(61))
        _ = try fixture.database.write { try $0.rescueExpired(at: late, limit: 5) { _ in .seconds(0) } }
        #expect(try fixture.count(.retried, "temporary") == 1)
        #expect(try fixture.count(.retried, "unknown") == 1)
        #expect(try fixture.count(.ambiguous) == 1)
        #expect(try fixture.count(.lapsed) == 1)
        #expect(try fixture.count(.replied, "data-end/none") == 1)
        // One job, claimed three times: it waited once.
        #expect(try fixture.count(.waited) == 1)
    }

    @Test("Old slots go; the sums stay, and the picture of a day loses nothing", arguments: TestEngine.allCases)
    func pruning(engine: TestEngine) throws {
        let fixture = try TemporaryDatabase(on: engine)
        for _ in 0..<40 {
            try fixture.enqueue()
            fixture.clock.advance(.hours(1))
        }
        let now = fixture.clock.now()
        let day = try fixture.database.read { try $0.statistics(since: now - .hours(24)) }
        let totals = try fixture.database.read { try $0.totals() }
        let worker = WorkerHeartbeat(
            id: "w", startedAt: now, heartbeatAt: now, relay: "closed", relayReason: "", lanes: 1, busy: 0)
        _ = try fixture.database.write { transaction in
            // What was counted is summed up then, if not before.
            try transaction.recordHeartbeat(worker)
            return try transaction.prune(finishedBefore: now - .days(30), limit: 10, at: now)
        }
        #expect(try fixture.database.read { try $0.totals() } == totals)
        #expect(try fixture.database.read { try $0.statistics(since: now - .hours(24)) } == day)
        #expect(day.count == 24)
        #expect(try fixture.execute("SELECT count(*) FROM tally;") == "27")
    }
}

extension TemporaryDatabase {
    fileprivate func enqueue(_ kind: String = "mail-test") throws {
        let now = clock.now()
        _ = try database.write { try $0.enqueue(NewJob(kind: kind, payload: "{}", createdAt: now)) }
    }

    fileprivate func claim() throws -> Job? {
        let now = clock.now()
        return try database.write {
            try $0.claim(limit: 1, at: now, leaseUntil: now + .seconds(60), worker: "w").first
        }
    }

    fileprivate func settle(_ job: Job, _ settlement: Settlement, _ outcome: Delivery.Outcome, code: Int?) throws {
        let now = clock.now()
        let attempt = Attempt(
            number: 1, startedAt: now, seconds: 0.2, stage: "data-end", code: code, outcome: outcome, reply: "x",
            reusedConnection: true, worker: "w")
        #expect(try database.write { try $0.settle(job.claim, settlement, attempt: attempt, at: now) })
    }

    fileprivate func count(_ name: Statistic.Name, _ label: String? = nil) throws -> Int {
        try database.read { try $0.totals() }
            .filter { $0.name == name && (label == nil || $0.label == label) }.reduce(0) { $0 + $1.count }
    }
}
