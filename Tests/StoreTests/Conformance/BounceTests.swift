import Cryptography
import Domain
import Store
import Support
import Testing

@Suite("Mails that come back")
struct BounceTests {
    private static let mailbox = ReturnMailbox("bounce@example.org")!
    private static let addresses = ReturnAddresses(mailbox: mailbox, keys: SigningKeys(ResetScene.key))

    /// A job whose claim ended so, and the address of its mail.
    private func settled(
        _ settlement: Settlement, in fixture: TemporaryDatabase
    ) throws -> (id: Int64, address: ReturnAddress) {
        let now = fixture.clock.now()
        return try fixture.database.write { transaction in
            try transaction.enqueue(NewJob(kind: "mail-test", payload: "{}", createdAt: now))
            let job = try #require(
                try transaction.claim(limit: 1, at: now, leaseUntil: now + .seconds(60), worker: "w").first)
            let address = Self.addresses.address(for: job)
            try transaction.setReturnDigest(job: job.id, address.digest)
            _ = try transaction.settle(job.claim, settlement, attempt: nil, at: now)
            return (job.id, address)
        }
    }

    private func apply(_ address: ReturnAddress, in fixture: TemporaryDatabase) throws -> BounceHandling.Change {
        let now = fixture.clock.now()
        return try fixture.database.write {
            try BounceHandling.apply(address, status: "5.1.1", words: "550 no such user", in: $0, at: now)
        }
    }

    private func job(_ id: Int64, in fixture: TemporaryDatabase) throws -> Job {
        try #require(try fixture.database.read { try $0.job(id: id) })
    }

    private func bounces(_ fixture: TemporaryDatabase) throws -> Int {
        try fixture.database.read { try $0.totals().filter { $0.name == .bounced }.reduce(0) { $0 + $1.count } }
    }

    @Test("A failure marks the job once: outcome, reason, time, count and audit event", arguments: TestEngine.allCases)
    func once(engine: TestEngine) throws {
        let fixture = try TemporaryDatabase(on: engine)
        let (id, address) = try settled(.done(outcome: .mailed, reason: "250 ok"), in: fixture)
        let before = try job(id, in: fixture)
        fixture.clock.advance(.hours(1))
        let at = fixture.clock.now()
        #expect(try apply(address, in: fixture) == .bounced(before))
        let job = try job(id, in: fixture)
        #expect(job.state == .done && job.outcome == "bounced" && job.bouncedAt == at)
        #expect(job.reason == "5.1.1 550 no such user")
        #expect(try bounces(fixture) == 1)
        fixture.clock.advance(.hours(1))
        #expect(try apply(address, in: fixture) == .repeated(job))
        #expect(try self.job(id, in: fixture) == job)
        #expect(try bounces(fixture) == 1)
        let events = try fixture.database.read { try $0.auditEvents(AuditFilter(), limit: 5) }
        #expect(events.map(\.name) == ["mail_bounced"])
        #expect(events[0].subject == "job:\(id)" && events[0].detail == job.reason)
    }

    @Test("Only the tag that was given out for the job marks it", arguments: TestEngine.allCases)
    func forged(engine: TestEngine) throws {
        let fixture = try TemporaryDatabase(on: engine)
        let (id, address) = try settled(.done(outcome: .mailed, reason: ""), in: fixture)
        let (other, _) = try settled(.done(outcome: .mailed, reason: ""), in: fixture)
        let before = try [job(id, in: fixture), job(other, in: fixture)]
        let forgeries = ["bounce+\(other).\(address.tag)", "bounce+\(id).aaaaaaaaaaaaaaaa"]
        for forgery in forgeries {
            let address = try #require(Self.mailbox.read("\(forgery)@example.org"))
            #expect(try apply(address, in: fixture) == .forged)
        }
        let nobody = try #require(Self.mailbox.read("bounce+99.\(address.tag)@example.org"))
        #expect(try apply(nobody, in: fixture) == .noJob)
        // A job from before return addresses were made, or of another program, has none.
        let now = fixture.clock.now()
        let bare = try fixture.database.write {
            try $0.enqueue(NewJob(kind: "mail-test", payload: "{}", createdAt: now))
        }
        let guess = try #require(Self.mailbox.read("bounce+\(bare).\(address.tag)@example.org"))
        #expect(try apply(guess, in: fixture) == .forged)
        #expect(try [job(id, in: fixture), job(other, in: fixture)] == before)
        #expect(try fixture.database.read { try $0.auditEvents(AuditFilter(), limit: 1) }.isEmpty)
    }

    @Test(
        "A job that is not settled waits, one that was given up is marked, one that was thrown away stays",
        arguments: TestEngine.allCases)
    func states(engine: TestEngine) throws {
        let fixture = try TemporaryDatabase(on: engine)
        let now = fixture.clock.now()
        let (late, lateAddress) = try settled(.retry(at: now + .hours(1), reason: "", unknown: true), in: fixture)
        #expect(try apply(lateAddress, in: fixture) == .unsettled(try job(late, in: fixture)))
        let (lost, lostAddress) = try settled(.dead(outcome: .unknown, reason: "no answer"), in: fixture)
        _ = try apply(lostAddress, in: fixture)
        #expect(try job(lost, in: fixture).state == .dead && job(lost, in: fixture).hasBounced)
        _ = try fixture.database.write { try $0.change(job: lost, .retry, at: now) }
        #expect(try job(lost, in: fixture).bouncedAt == nil && job(lost, in: fixture).outcome == nil)
        _ = try fixture.database.write { try $0.change(job: lost, .discard, at: now) }
        #expect(try apply(lostAddress, in: fixture) == .unsettled(try job(lost, in: fixture)))
    }

    @Test("A pruned job is gone for bounces too", arguments: TestEngine.allCases)
    func pruned(engine: TestEngine) throws {
        let fixture = try TemporaryDatabase(on: engine)
        let (_, address) = try settled(.done(outcome: .mailed, reason: ""), in: fixture)
        fixture.clock.advance(.days(31))
        let now = fixture.clock.now()
        _ = try fixture.database.write { try $0.prune(finishedBefore: now - .days(30), limit: 9, at: now) }
        #expect(try apply(address, in: fixture) == .noJob)
    }

    @Test("Jobs are listed by outcome, alone and with other conditions", arguments: TestEngine.allCases)
    func listed(engine: TestEngine) throws {
        let fixture = try TemporaryDatabase(on: engine)
        let (bounced, address) = try settled(.done(outcome: .mailed, reason: ""), in: fixture)
        let (mailed, _) = try settled(.done(outcome: .mailed, reason: ""), in: fixture)
        _ = try apply(address, in: fixture)
        func ids(_ outcome: String, state: JobState? = nil) throws -> [Int64] {
            var filter = JobFilter(state: state)
            filter.outcome = outcome
            let chosen = filter
            return try fixture.database.read { try $0.jobs(chosen, limit: 9).map(\.id) }
        }
        #expect(try ids(Job.bounced) == [bounced])
        #expect(try ids(Job.bounced, state: .done) == [bounced])
        #expect(try ids(Job.bounced, state: .dead) == [])
        #expect(try ids("mailed") == [mailed])
    }
}
