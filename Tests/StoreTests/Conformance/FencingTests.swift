import Domain
import Store
import Support
import Testing

/// Only the newest claim of a job may settle it, whoever comes late and in whatever way.
@Suite("Fencing")
struct FencingTests {
    private static let settlements: [Settlement] = [
        .done(outcome: .mailed, reason: "late"), .dead(outcome: .rejected, reason: "late"),
        .retry(at: Instant(milliseconds: 5), reason: "late", unknown: true), .release(until: nil, reason: "late"),
        .release(until: Instant(milliseconds: 9), reason: "late"),
    ]

    private static let attempt = Attempt(
        number: 1, startedAt: Instant(milliseconds: 1), seconds: 1, stage: "data", code: 250, outcome: .delivered,
        reply: "late", reusedConnection: false, worker: "slow")

    /// A job that one worker claimed, let lapse, and that another has claimed since.
    private func takenOver(_ fixture: TemporaryDatabase) throws -> (stale: Claim, new: Claim) {
        let clock = fixture.clock
        func claim(_ worker: String) throws -> Claim? {
            let now = clock.now()
            return try fixture.database.write { transaction in
                try transaction.promote(at: now, limit: 10)
                return try transaction.claim(limit: 1, at: now, leaseUntil: now + .seconds(30), worker: worker)
            }.first?.claim
        }
        try fixture.database.write { [now = clock.now()] in
            _ = try $0.enqueue(NewJob(kind: "mail-test", payload: "{}", createdAt: now))
        }
        let stale = try #require(try claim("slow"))
        let lapsed = clock.advance(.seconds(30))
        #expect(try fixture.database.write { try $0.rescueExpired(at: lapsed, limit: 10) { _ in .seconds(1) } } == 1)
        clock.advance(.seconds(1))
        return (stale, try #require(try claim("quick")))
    }

    @Test(
        "A stale claim settles nothing, in any way, and is only counted", arguments: TestEngine.allCases, settlements)
    func stale(engine: TestEngine, settlement: Settlement) throws {
        let fixture = try TemporaryDatabase(on: engine)
        let (stale, new) = try takenOver(fixture)
        let before = try fixture.dump(without: "tally")
        let now = fixture.clock.now()
        #expect(try !fixture.database.write { try $0.settle(stale, settlement, attempt: Self.attempt, at: now) })
        #expect(try fixture.dump(without: "tally") == before)
        #expect(try fixture.database.read { try $0.totals() }.contains { $0.name == .fenced && $0.count == 1 })
        #expect(try fixture.database.write { try $0.settle(new, settlement, attempt: Self.attempt, at: now) })
    }

    @Test("A settled job cannot be settled again with the same claim", arguments: TestEngine.allCases, settlements)
    func twice(engine: TestEngine, settlement: Settlement) throws {
        let fixture = try TemporaryDatabase(on: engine)
        let claim = try takenOver(fixture).new
        let now = fixture.clock.now()
        #expect(try fixture.database.write { try $0.settle(claim, settlement, attempt: nil, at: now) })
        for again in Self.settlements {
            #expect(try !fixture.database.write { try $0.settle(claim, again, attempt: nil, at: now) })
        }
    }

    @Test("A stale claim does not prolong the lease of the new one", arguments: TestEngine.allCases)
    func extend(engine: TestEngine) throws {
        let fixture = try TemporaryDatabase(on: engine)
        let (stale, new) = try takenOver(fixture)
        let far = fixture.clock.now() + .hours(1)
        #expect(try !fixture.database.write { try $0.extend(stale, leaseUntil: far) })
        #expect(try fixture.database.write { try $0.extend(new, leaseUntil: far) })
        #expect(try fixture.database.read { try $0.job(id: new.job)?.leaseUntil } == far)
    }

    @Test(
        "A claim is worth nothing for the job that comes after a pruned one: ids are not given twice",
        arguments: TestEngine.allCases)
    func idsAreNotReused(engine: TestEngine) throws {
        let fixture = try TemporaryDatabase(on: engine)
        let old = try takenOver(fixture).new
        let now = fixture.clock.now()
        try fixture.database.write { transaction in
            _ = try transaction.settle(old, .done(outcome: .mailed, reason: ""), attempt: nil, at: now)
            _ = try transaction.prune(finishedBefore: now + .seconds(1), limit: 10, at: now)
            #expect(try transaction.job(id: old.job) == nil)
            try transaction.enqueue(NewJob(kind: "mail-test", payload: "{}", createdAt: now))
            let claimed = try transaction.claim(limit: 1, at: now, leaseUntil: now + .seconds(9), worker: "w")
            #expect(claimed.map { $0.id > old.job } == [true])
        }
    }

    @Test("However many claim at once, each job goes to one of them", arguments: TestEngine.allCases)
    func parallelClaims(engine: TestEngine) throws {
        let fixture = try TemporaryDatabase(on: engine)
        let other = try fixture.another()
        defer { other.close() }
        let now = fixture.clock.now()
        try fixture.database.write { transaction in
            for number in 0..<400 {
                try transaction.enqueue(NewJob(kind: "mail-test", payload: "\(number)", createdAt: now))
            }
        }
        let claimed = try inParallel(8) { thread in
            let database = thread % 2 == 0 ? fixture.database : other
            var mine: [Claim] = []
            while true {
                let batch = try database.write {
                    try $0.claim(limit: 3, at: now, leaseUntil: now + .seconds(30), worker: "worker-\(thread)")
                }
                if batch.isEmpty { return mine }
                mine += batch.map(\.claim)
            }
        }.flatMap { $0 }
        #expect(claimed.count == 400)
        #expect(Set(claimed).count == 400)
    }
}
