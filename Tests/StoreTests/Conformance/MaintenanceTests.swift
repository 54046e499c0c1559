import Cryptography
import Domain
import Store
import Support
import Testing

@Suite("Maintenance")
struct MaintenanceTests {
    @Test(
        "Pruning keeps what is young, what lives and what is dead, and takes no more than it is told",
        arguments: TestEngine.allCases)
    func prune(engine: TestEngine) throws {
        let fixture = try TemporaryDatabase(on: engine)
        let (database, now) = (fixture.database, fixture.clock.now())
        let ids = try database.write { transaction in
            try (0..<8).map { try transaction.enqueue(NewJob(kind: "k", payload: "\($0)", createdAt: now)) }
        }
        let attempt = Attempt(
            number: 1, startedAt: now, seconds: 0.5, stage: "data", code: 250, outcome: .delivered, reply: "ok",
            reusedConnection: true, worker: "w")
        try database.write { transaction in
            let claims = try transaction.claim(limit: 6, at: now, leaseUntil: now + .hours(9), worker: "w").map(\.claim)
            for (age, claim) in zip([3, 2, 1], claims) {
                let then = now - .days(Int64(age))
                _ = try transaction.settle(claim, .done(outcome: .mailed, reason: ""), attempt: attempt, at: then)
            }
            _ = try transaction.settle(
                claims[3], .dead(outcome: .rejected, reason: ""), attempt: attempt, at: now - .days(9))
            _ = try transaction.settle(
                claims[4], .dead(outcome: .rejected, reason: ""), attempt: attempt, at: now - .days(9))
            _ = try transaction.change(job: ids[4], .discard, at: now - .days(9))
        }
        func prune(limit: Int) throws -> Int {
            try database.write { try $0.prune(finishedBefore: now - .hours(36), limit: limit, at: now) }
        }
        #expect(try prune(limit: 1) == 2)
        #expect(
            try database.read { try $0.jobs(JobFilter(), limit: 99).map(\.id) }
                == [1, 2, 3, 5, 6, 7].map { ids[$0] }.reversed())
        #expect(try prune(limit: 100) == 1)
        #expect(try prune(limit: 100) == 0)
        #expect(
            try database.read { try $0.jobs(JobFilter(), limit: 99).map(\.id) }
                == [2, 3, 5, 6, 7].map { ids[$0] }.reversed())
        #expect(try database.read { try $0.attempts(job: ids[0]) }.isEmpty)
        #expect(try database.read { try $0.attempts(job: ids[2]) } == [attempt])
        #expect(try fixture.execute("SELECT count(*) FROM attempt;") == "2")
    }

    @Test(
        "What only counts for hours is pruned after a day, and requests with the history",
        arguments: TestEngine.allCases)
    func pruneTheRest(engine: TestEngine) throws {
        let fixture = try TemporaryDatabase(on: engine)
        let (database, now) = (fixture.database, fixture.clock.now())
        let new = NewAccount(
            userID: try #require(UserID("budi")), userType: "t", email: try #require(EmailAddress("b@example.org")),
            language: .indonesian, passwordHash: nil)
        try database.write { transaction in
            let account = try transaction.insert(new, at: now)
            for (number, age) in [TimeSpan.days(40), .days(20), .hours(25), .hours(23)].enumerated() {
                let then = now - age
                try transaction.recordRateLimitHit(from: "192.0.2.1", at: then)
                _ = try transaction.spendCaptcha("c\(number)", until: then)
                try transaction.recordHeartbeat(
                    WorkerHeartbeat(
                        id: "w\(number)", startedAt: then, heartbeatAt: then, relay: "closed", relayReason: "",
                        lanes: 1,
                        busy: 0))
                try transaction.open(
                    ResetRequest(
                        id: "r\(number)", account: account, generation: 0, job: Int64(number), state: .open,
                        requestedAt: then, expiresAt: then, address: nil), at: then)
            }
        }
        let deleted = try database.write { try $0.prune(finishedBefore: now - .days(30), limit: 100, at: now) }
        #expect(deleted == 3 + 3 + 3 + 1)
        #expect(try database.read { try $0.rateLimitHits(from: "192.0.2.1", since: now - .days(99)) } == 1)
        #expect(try database.read { try $0.workers().map(\.id) } == ["w3"])
        #expect(try database.write { try $0.spendCaptcha("c2", until: now) })
        #expect(try !database.write { try $0.spendCaptcha("c3", until: now) })
        #expect(try database.read { try $0.resetRequest(id: "r0") } == nil)
        #expect(try database.read { try $0.resetRequest(id: "r1") } != nil)
    }

    @Test(
        "Wrong passwords are forgotten a day later; wrong codes and recovery codes never, by pruning",
        arguments: TestEngine.allCases)
    func pruneFailures(engine: TestEngine) throws {
        let fixture = try TemporaryDatabase(on: engine)
        let (database, now) = (fixture.database, fixture.clock.now())
        let key = try #require(SecretKey(bytes: [UInt8](repeating: 1, count: 32)))
        let keys: [FailureKey] = [.password("budi", from: "192.0.2.1", key: key), .code(1), .recovery(1)]
        try database.write { transaction in
            for key in keys { try transaction.recordFailure(key, at: now - .hours(25), forgetBefore: nil) }
        }
        _ = try database.write { try $0.prune(finishedBefore: now - .days(30), limit: 100, at: now) }
        #expect(try database.read { read in try keys.map { try read.failures($0)?.count } } == [nil, 1, 1])
    }

    @Test(
        "A worker's report replaces its last one and keeps when it started; the latest comes first",
        arguments: TestEngine.allCases)
    func workers(engine: TestEngine) throws {
        let fixture = try TemporaryDatabase(on: engine)
        let (database, now) = (fixture.database, fixture.clock.now())
        func heartbeat(_ id: String, _ seconds: Int64, _ relay: String) -> WorkerHeartbeat {
            WorkerHeartbeat(
                id: id, startedAt: now + .seconds(seconds), heartbeatAt: now + .seconds(seconds), relay: relay,
                relayReason: "why", lanes: 4, busy: 2)
        }
        for heartbeat in [heartbeat("a", 0, "closed"), heartbeat("b", 5, "closed"), heartbeat("a", 9, "open")] {
            try database.write { try $0.recordHeartbeat(heartbeat) }
        }
        let workers = try database.read { try $0.workers() }
        #expect(workers.map(\.id) == ["a", "b"])
        #expect(workers.first?.startedAt == now)
        #expect(workers.first?.heartbeatAt == now + .seconds(9))
        #expect(workers.first?.relay == "open")
    }

    @Test(
        "Finished jobs are counted up to the newest ten thousand, all others to the last one",
        arguments: TestEngine.allCases)
    func counts(engine: TestEngine) throws {
        let fixture = try TemporaryDatabase(on: engine)
        try fixture.execute(
            """
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10500)
            INSERT INTO job (kind, state, finished_at) SELECT CASE WHEN i <= 600 THEN 'a' ELSE 'b' END, 'done', i FROM n;
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10500)
            INSERT INTO job (kind, state) SELECT 'a', 'held' FROM n;
            """)
        let counts = try fixture.database.read { try $0.queueCounts() }
        #expect(
            counts == [
                QueueCount(kind: "a", state: .held, count: 10_500), QueueCount(kind: "a", state: .done, count: 100),
                QueueCount(kind: "b", state: .done, count: 9_900),
            ])
    }
}
