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
        let rival = try scene.start("rival", logger: RecordingLogger())
        let worker = try scene.start()
        defer { [rival, worker].forEach { $0.stop() } }
        _ = try scene.courier.waitForMails(1)
        // Ten minutes, in steps of a third of a lease and a bit.
        for _ in 0..<50 {
            let before = try #require(try scene.scene.job(job).leaseUntil)
            scene.clock.advance(.seconds(12))
            [worker, rival].forEach { $0.wake() }
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
        scene.store.fail()
        scene.clock.advance(WorkerScene.lease)

        let logger = RecordingLogger()
        let other = try scene.start("other", store: scene.scene.store, logger: logger)
        defer { other.stop() }
        try logger.wait(for: "lease.lapsed")
        let lapsed = try scene.scene.job(job)
        #expect(lapsed.state == .scheduled)
        #expect(lapsed.reason == "lease-lapsed: worker silent fell silent")
        try scene.advance(to: job)
        other.wake()
        try logger.settled(job)

        scene.store.heal()
        slow.release()
        try scene.logger.wait(for: "job.fenced")
        let settled = try scene.scene.job(job)
        #expect((settled.state, settled.outcome, settled.worker, settled.token) == (.done, "mailed", "other", 2))
        // The mail went out twice, as it must be able to; the same mail.
        #expect(slow.mails == scene.courier.mails)
        let history = try scene.scene.store.read { try $0.attempts(job: job).map(\.worker) }
        #expect(history == ["other"])
    }

    @Test("Two workers share a queue: each job is mailed once")
    func twoWorkers() throws {
        let scene = try WorkerScene()
        let jobs = try (0..<150).map { try scene.scene.enqueue("mail-test", #"{"to": "ops\#($0)@example.com"}"#) }
        let second = try scene.scene.fixture.another()
        defer { second.close() }
        let workers = [try scene.start("one"), try scene.start("two", store: second)]
        try scene.logger.wait(for: "job.settled", count: jobs.count)
        for worker in workers { worker.stop() }
        #expect(scene.courier.mails.count == jobs.count)
        #expect(Set(scene.courier.mails.map(\.recipient)).count == jobs.count)
        #expect(try scene.store.read { try $0.jobs(JobFilter(state: .done), limit: 999).count } == jobs.count)
    }

    @Test("A worker reports itself at its start and every 15 seconds, also when the clock is set back")
    func reports() throws {
        let scene = try WorkerScene()
        func heartbeatAt() throws -> Instant? { try scene.store.read { try $0.workers().first?.heartbeatAt } }
        try scene.working(lanes: 3) { worker in
            let start = scene.clock.now()
            try Eventually.holds("it reports at its start") { try heartbeatAt() == start }
            let heartbeat = try #require(try scene.store.read { try $0.workers().first })
            #expect(
                (heartbeat.id, heartbeat.lanes, heartbeat.relay, heartbeat.startedAt) == ("worker", 3, "closed", start))
            for step in [TimeSpan.seconds(15), .seconds(20), .hours(-2), .seconds(15)] {
                let now = scene.clock.advance(step)
                worker.wake()
                try Eventually.holds("it reports again") { try heartbeatAt() == now }
            }
        }
    }

    @Test("The head of the audit log is told once a day, also when the clock is set back")
    func auditHead() throws {
        let scene = try WorkerScene()
        let event = AuditEvent(
            name: .backupMade, at: scene.clock.now(), actor: "operator:x", subject: "y", address: nil, detail: "")
        try scene.store.write { try $0.append(event) }
        try scene.working { worker in
            try scene.logger.wait(for: "audit.head")
            for (count, step) in [(2, TimeSpan.days(1)), (3, .days(-365)), (4, .days(1))] {
                scene.clock.advance(step)
                worker.wake()
                try scene.logger.wait(for: "audit.head", count: count)
            }
        }
    }

    @Test("Finished jobs are pruned when they are older than they are kept")
    func pruning() throws {
        let scene = try WorkerScene()
        let job = try scene.scene.request(scene.scene.payload())
        try scene.working { worker in
            try scene.logger.settled(job)
            scene.clock.advance(.days(30))
            worker.wake()
            try Eventually.holds("the worker has looked") { [now = scene.clock.now()] in
                try scene.store.read { try $0.workers().first?.heartbeatAt } == now
            }
            #expect(try scene.store.read { try $0.job(id: job) } != nil)
            scene.clock.advance(.minutes(10))
            worker.wake()
            try Eventually.holds("it is pruned") { try scene.store.read { try $0.job(id: job) } == nil }
        }
    }
}
