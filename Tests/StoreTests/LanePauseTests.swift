import Domain
import Support
import Testing

@testable import Store
import Threading

@Suite("Paused lanes")
struct LanePauseTests {
    private let fixture: TemporaryDatabase
    private var database: Database { fixture.database }
    private let actor = Operator(name: "operator:test", address: nil)

    init() throws { fixture = try TemporaryDatabase() }

    private func enqueue(_ kinds: String...) throws {
        let now = fixture.clock.now()
        _ = try database.write { transaction in
            for kind in kinds { try transaction.enqueue(NewJob(kind: kind, payload: "{}", createdAt: now)) }
        }
    }

    private func claim() throws -> [String] {
        let now = fixture.clock.now()
        return try database.write {
            try $0.claim(limit: 10, at: now, leaseUntil: now + .seconds(60), worker: "w").map(\.kind)
        }
    }

    private func pause(_ lane: String) throws -> Bool {
        let (now, actor) = (fixture.clock.now(), actor)
        return try database.write { try JobAdministration.pause(lane: lane, in: $0, at: now, by: actor, why: "test") }
    }

    private func resume(_ lane: String) throws -> Bool {
        let (now, actor) = (fixture.clock.now(), actor)
        return try database.write { try JobAdministration.resume(lane: lane, in: $0, at: now, by: actor, why: "test") }
    }

    private func hasWork() throws -> Bool {
        let now = fixture.clock.now()
        return try database.read { try $0.hasWork(at: now) }
    }

    @Test("Jobs of a paused lane stay where they are, others pass them by")
    func one() throws {
        try enqueue("reset-request", "mail-test")
        #expect(try pause("reset-request"))
        #expect(try !pause("reset-request"), "it is paused already")
        #expect(try hasWork())
        #expect(try claim() == ["mail-test"])
        #expect(try !hasWork())
        #expect(try resume("reset-request"))
        #expect(try !resume("reset-request"))
        #expect(try claim() == ["reset-request"])
    }

    @Test("A pause of everything holds kinds that nobody knows too")
    func everything() throws {
        try enqueue("reset-request", "never-heard-of")
        #expect(try pause(LanePause.everything))
        #expect(try !hasWork())
        #expect(try claim().isEmpty)
        #expect(try resume(LanePause.everything))
        #expect(try claim() == ["reset-request", "never-heard-of"])
    }

    @Test("Pauses tell who made them and why, and each is audited")
    func told() throws {
        #expect(try pause("mail-test"))
        let pauses = try database.read { try $0.lanePauses() }
        #expect(
            pauses == [LanePause(kind: "mail-test", at: fixture.clock.now(), by: "operator:test", why: "test")])
        #expect(try resume("mail-test"))
        let events = try database.read { try $0.auditEvents(AuditFilter(), limit: 5) }
        #expect(events.map(\.name) == ["queue_lane_resumed", "queue_lane_paused"])
        #expect(events.allSatisfy { $0.subject == "lane:mail-test" && $0.actor == "operator:test" })
    }

    @Test("Whoever waits for work is woken when a lane is resumed")
    func woken() throws {
        #expect(try pause("mail-test"))
        let rings = Monitor(0)
        database.onJobsReady { rings.withLock { $0 += 1 } }
        #expect(try resume("mail-test"))
        let isRung: Bool? = rings.wait(timeout: .seconds(5)) { $0 > 0 ? true : nil }
        #expect(isRung == true)
    }
}
