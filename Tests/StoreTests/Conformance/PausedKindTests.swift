import Domain
import Store
import Support
import Testing
import Threading

@Suite("Paused lanes")
struct PausedKindTests {
    @Test("Jobs of a paused lane stay where they are, others pass them by", arguments: TestEngine.allCases)
    func one(engine: TestEngine) throws {
        let fixture = try TemporaryDatabase(on: engine)
        try fixture.enqueue("reset-request", "mail-test")
        #expect(try fixture.pause("reset-request"))
        #expect(try !fixture.pause("reset-request"), "it is paused already")
        #expect(try fixture.hasWork())
        #expect(try fixture.claim() == ["mail-test"])
        #expect(try !fixture.hasWork())
        #expect(try fixture.resume("reset-request"))
        #expect(try !fixture.resume("reset-request"))
        #expect(try fixture.claim() == ["reset-request"])
    }

    @Test("A pause of everything holds kinds that nobody knows too", arguments: TestEngine.allCases)
    func everything(engine: TestEngine) throws {
        let fixture = try TemporaryDatabase(on: engine)
        try fixture.enqueue("reset-request", "never-heard-of")
        #expect(try fixture.pause(PausedKind.everything))
        #expect(try !fixture.hasWork())
        #expect(try fixture.claim().isEmpty)
        #expect(try fixture.resume(PausedKind.everything))
        #expect(try fixture.claim() == ["reset-request", "never-heard-of"])
    }

    @Test("Pauses tell who made them and why, and each is audited", arguments: TestEngine.allCases)
    func told(engine: TestEngine) throws {
        let fixture = try TemporaryDatabase(on: engine)
        #expect(try fixture.pause("mail-test"))
        let pauses = try fixture.database.read { try $0.pausedKinds() }
        #expect(
            pauses == [PausedKind(kind: "mail-test", at: fixture.clock.now(), by: "operator:test", why: "test")])
        #expect(try fixture.resume("mail-test"))
        let events = try fixture.database.read { try $0.auditEvents(AuditFilter(), limit: 5) }
        #expect(events.map(\.name) == ["queue_lane_resumed", "queue_lane_paused"])
        #expect(events.allSatisfy { $0.subject == "lane:mail-test" && $0.actor == "operator:test" })
    }

    @Test("Whoever waits for work is woken when a lane is resumed", arguments: TestEngine.allCases)
    func woken(engine: TestEngine) throws {
        let fixture = try TemporaryDatabase(on: engine)
        #expect(try fixture.pause("mail-test"))
        let rings = Monitor(0)
        fixture.database.onJobsReady { rings.withLock { $0 += 1 } }
        #expect(try fixture.resume("mail-test"))
        let isRung: Bool? = rings.wait(timeout: .seconds(5)) { $0 > 0 ? true : nil }
        #expect(isRung == true)
    }
}

extension TemporaryDatabase {
    fileprivate func enqueue(_ kinds: String...) throws {
        let now = clock.now()
        _ = try database.write { transaction in
            for kind in kinds { try transaction.enqueue(NewJob(kind: kind, payload: "{}", createdAt: now)) }
        }
    }

    fileprivate func claim() throws -> [String] {
        let now = clock.now()
        return try database.write {
            try $0.claim(limit: 10, at: now, leaseUntil: now + .seconds(60), worker: "w").map(\.kind)
        }
    }

    fileprivate func pause(_ lane: String) throws -> Bool {
        let (now, actor) = (clock.now(), Operator(name: "operator:test", address: nil))
        return try database.write { try JobAdministration.pause(lane: lane, in: $0, at: now, by: actor, why: "test") }
    }

    fileprivate func resume(_ lane: String) throws -> Bool {
        let (now, actor) = (clock.now(), Operator(name: "operator:test", address: nil))
        return try database.write { try JobAdministration.resume(lane: lane, in: $0, at: now, by: actor, why: "test") }
    }

    fileprivate func hasWork() throws -> Bool {
        let now = clock.now()
        return try database.read { try $0.hasWork(at: now) }
    }
}
