import Domain
import Store
import Foundation
import Support
import Testing
import Worker

@Suite("Leases")
struct LeaseTests {
    @Test("While a courier is held up the lease is prolonged, and nobody else takes the job")
    func heartbeat() throws {
        let scene = try WorkerScene()
        scene.courier.hold()
        let job = try scene.scene.request(scene.scene.payload())
        let rival = try scene.start("rival", journal: RecordingJournal())
        let worker = try scene.start()
        defer { [rival, worker].forEach { $0.stop() } }
        _ = try scene.courier.waitForMails(1)
        // Ten minutes, in steps of a third of a lease and a bit.
        for _ in 0..<50 {
            let before = try #require(try scene.scene.job(job).leaseUntil)
            scene.clock.advance(.seconds(12))
            [worker, rival].forEach { $0.ring() }
            try Eventually.holds("the lease is prolonged") {
                try scene.scene.job(job).leaseUntil.map { $0 > before } ?? false
            }
        }
        scene.courier.release()
        try Eventually.holds("the job is done") { try scene.scene.job(job).state == .done }
        #expect(try scene.scene.job(job).token == 1)
        #expect(scene.courier.mails.count == 1)
    }

    @Test("A worker that fell silent loses its job to another, and its late report is fenced out")
    func takenOver() throws {
        let scene = try WorkerScene()
        let slow = RecordingCourier(.permanent)
        slow.hold()
        let job = try scene.scene.request(scene.scene.payload())
        let silent = try scene.start("silent", courier: slow)
        defer { silent.stop() }
        _ = try slow.waitForMails(1)
        // Cut off from the store, it cannot prolong its lease.
        scene.storage.fail()
        scene.clock.advance(WorkerScene.lease)

        let journal = RecordingJournal()
        let other = try scene.start("other", storage: scene.scene.storage, journal: journal)
        defer { other.stop() }
        try journal.wait(for: "lease.lapsed")
        let lapsed = try scene.scene.job(job)
        #expect(lapsed.state == .scheduled)
        #expect(lapsed.reason == "lease-lapsed: worker silent fell silent")
        try scene.advance(to: job)
        other.ring()
        try journal.settled(job)

        scene.storage.heal()
        slow.release()
        try scene.journal.wait(for: "job.fenced")
        let settled = try scene.scene.job(job)
        #expect((settled.state, settled.outcome, settled.worker, settled.token) == (.done, "mailed", "other", 2))
        // The mail went out twice, as it must be able to; the same mail.
        #expect(slow.mails == scene.courier.mails)
        let history = try scene.scene.storage.read { try $0.attempts(job: job).map(\.worker) }
        #expect(history == ["other"])
    }

    @Test("Two workers share a queue: each job is mailed once")
    func twoWorkers() throws {
        let scene = try WorkerScene()
        let jobs = try (0..<150).map { try scene.scene.enqueue("mail-test", #"{"to": "ops\#($0)@example.com"}"#) }
        let second = try scene.scene.fixture.another()
        defer { second.close() }
        let workers = [try scene.start("one"), try scene.start("two", storage: second)]
        try scene.journal.wait(for: "job.settled", count: jobs.count)
        for worker in workers { worker.stop() }
        #expect(scene.courier.mails.count == jobs.count)
        #expect(Set(scene.courier.mails.map(\.recipient)).count == jobs.count)
        #expect(try scene.storage.read { try $0.jobs(JobFilter(state: .done), limit: 999).count } == jobs.count)
    }

    @Test("A worker reports itself at its start and every 15 seconds, also when the clock is set back")
    func standing() throws {
        let scene = try WorkerScene()
        func heartbeat() throws -> Instant? { try scene.storage.read { try $0.workers().first?.heartbeatAt } }
        try scene.working(lanes: 3) { worker in
            let start = scene.clock.now()
            try Eventually.holds("it reports at its start") { try heartbeat() == start }
            let standing = try #require(try scene.storage.read { try $0.workers().first })
            #expect((standing.id, standing.lanes, standing.relay, standing.startedAt) == ("worker", 3, "closed", start))
            for step in [Span.seconds(15), .seconds(20), .hours(-2), .seconds(15)] {
                let now = scene.clock.advance(step)
                worker.ring()
                try Eventually.holds("it reports again") { try heartbeat() == now }
            }
        }
    }

    @Test("The head of the audit log is told once a day, also when the clock is set back")
    func auditHead() throws {
        let scene = try WorkerScene()
        let event = AuditEvent(
            name: .backupMade, at: scene.clock.now(), actor: "operator:x", subject: "y", address: nil, detail: "")
        try scene.storage.write { try $0.append(event) }
        try scene.working { worker in
            try scene.journal.wait(for: "audit.head")
            for (count, step) in [(2, Span.days(1)), (3, .days(-365)), (4, .days(1))] {
                scene.clock.advance(step)
                worker.ring()
                try scene.journal.wait(for: "audit.head", count: count)
            }
        }
    }

    @Test("Finished jobs are pruned when they are older than they are kept")
    func pruning() throws {
        let scene = try WorkerScene()
        let job = try scene.scene.request(scene.scene.payload())
        try scene.working { worker in
            try scene.journal.settled(job)
            scene.clock.advance(.days(30))
            worker.ring()
            try Eventually.holds("the worker has looked") { [now = scene.clock.now()] in
                try scene.storage.read { try $0.workers().first?.heartbeatAt } == now
            }
            #expect(try scene.storage.read { try $0.job(id: job) } != nil)
            scene.clock.advance(.minutes(10))
            worker.ring()
            try Eventually.holds("it is pruned") { try scene.storage.read { try $0.job(id: job) } == nil }
        }
    }
}
