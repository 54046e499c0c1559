import Domain
import Store
import Support
import Testing
import Worker

/// Events on their way from the queue to the applications.
@Suite("Webhooks")
struct WebhookTests {
    private struct Events {
        let worker: WorkerScene
        let receivers: [RecordingReceiver]

        init(_ receivers: RecordingReceiver...) throws {
            worker = try WorkerScene()
            self.receivers = receivers
            let webhooks = receivers.map(\.webhook)
            try worker.scene.store.write { try $0.setWebhooks(webhooks) }
        }

        func start(_ name: String = "worker", store: (any Store)? = nil, _ receivers: [RecordingReceiver]? = nil) throws
            -> Worker
        {
            try worker.start(name, store: store, receivers: (receivers ?? self.receivers).map(\.receiver))
        }

        /// Queues an event for one application. - Returns: the job.
        @discardableResult
        func publish(_ receiver: RecordingReceiver) throws -> Int64 {
            let event = WebhookEvent(.totpReset, at: worker.clock.now(), userID: "budi", userType: "penyedia")
            let application = receiver.application
            return try worker.scene.store.write { try $0.publish(event, to: application) }
        }

        func job(_ id: Int64) throws -> Job { try worker.scene.job(id) }

        func webhook(_ receiver: RecordingReceiver) throws -> Webhook {
            let webhooks = try worker.scene.store.read { try $0.webhooks() }
            return try #require(webhooks.first { $0.application == receiver.application })
        }

        func eventually(_ state: JobState, _ id: Int64) throws {
            try Eventually.holds("job \(id) is \(state)") { try job(id).state == state }
        }
    }

    @Test("Each event goes to its receiver once, and the attempt is kept with status and words")
    func delivered() throws {
        let (one, two) = (RecordingReceiver("one"), RecordingReceiver("two", 204))
        let events = try Events(one, two)
        let job = try events.publish(one)
        let other = try events.publish(two)
        let worker = try events.start()
        defer { worker.stop() }
        try events.eventually(.done, job)
        try events.eventually(.done, other)
        let done = try events.job(job)
        #expect(done.outcome == "delivered" && done.payload == nil && done.application == "one")
        #expect(done.reason == "one.test answered HTTP 200.")
        let attempts = try events.worker.store.read { try $0.attempts(job: other) }
        #expect(attempts.map(\.code) == [204] && attempts.map(\.relay) == ["two.test"])
        #expect(one.messages.map(\.id) == [done.requestID] && two.messages.count == 1)
        let last = try events.webhook(two).last
        #expect(last?.isDelivered == true && last?.words == "two.test answered HTTP 204.")
    }

    @Test("A receiver that hangs delays neither mail nor another receiver, and has one event under way at a time")
    func hanging() throws {
        let (dead, well) = (RecordingReceiver("dead"), RecordingReceiver("well"))
        dead.hold()
        let events = try Events(dead, well)
        for _ in 0..<20 { try events.publish(dead) }
        let worker = try events.start()
        defer {
            dead.release()
            worker.stop()
        }
        try dead.waitForMessages(1)
        for _ in 0..<20 { try events.publish(well) }
        let mails = try (0..<20).map {
            try events.worker.scene.enqueue("mail-test", #"{"to": "ops\#($0)@example.com"}"#)
        }
        try well.waitForMessages(20)
        _ = try events.worker.courier.waitForMails(mails.count)
        #expect(dead.messages.count == 1)
        dead.release()
        try dead.waitForMessages(20)
        #expect(dead.mostUnderWay == 1 && well.mostUnderWay == 1)
        #expect(Set(dead.messages.map(\.id)).count == 20)
    }

    @Test("What fails is tried again with the same id and body at growing distances, for four days, then given up")
    func retried() throws {
        let receiver = RecordingReceiver("app", 500)
        let events = try Events(receiver)
        let job = try events.publish(receiver)
        let began = events.worker.clock.now()
        let worker = try events.start()
        defer { worker.stop() }
        var delays: [Double] = []
        while true {
            try Eventually.holds("attempt \(delays.count + 1) is settled") {
                let now = try events.job(job)
                return now.attempts == delays.count + 1 && [.scheduled, .dead].contains(now.state)
            }
            let now = try events.job(job)
            guard now.state == .scheduled else { break }
            delays.append((now.runAt - events.worker.clock.now()).seconds)
            try events.worker.advance(to: job)
            worker.wake()
        }
        let dead = try events.job(job)
        #expect(dead.outcome == "expired" && dead.payload != nil)
        #expect((3.5...4).contains((events.worker.clock.now() - began).seconds / 86_400))
        #expect((4...6).contains(delays[0]) && (24...36).contains(delays[1]) && (23_000...35_000).contains(delays[9]))
        #expect(Set(receiver.messages.map(\.body)).count == 1 && Set(receiver.messages.map(\.id)).count == 1)
        #expect(receiver.times == receiver.times.sorted() && Set(receiver.times).count == receiver.times.count)
        #expect(try events.webhook(receiver).failingSince == began)
    }

    @Test("410 switches the receiver off: what waits is given up, nothing more is queued, and the audit log has it")
    func gone() throws {
        let receiver = RecordingReceiver("app", 410)
        let events = try Events(receiver)
        let jobs = try (0..<3).map { _ in try events.publish(receiver) }
        let worker = try events.start()
        defer { worker.stop() }
        for job in jobs { try events.eventually(.dead, job) }
        #expect(receiver.messages.count == 1)
        #expect(try events.job(jobs[0]).reason == "app.test answered HTTP 410: it wants no more events.")
        #expect(try events.job(jobs[2]).reason?.hasPrefix("The webhook is switched off: app.test answered") == true)
        #expect(try events.webhook(receiver).offSince != nil)
        let found = try events.worker.store.read { transaction in
            try transaction.auditEvents(AuditFilter(), limit: 10).filter { $0.name == "webhook_switched_off" }
        }
        #expect(found.map(\.subject) == ["webhook:app"] && found.first?.detail.contains("410") == true)
        let event = WebhookEvent(.totpReset, at: events.worker.clock.now(), userID: "budi", userType: "penyedia")
        try events.worker.store.write { try $0.publish(event) }
        #expect(try events.worker.store.read { try $0.countJobs(JobFilter(state: .ready)) } == 0)
    }

    @Test("410 from an address that the configuration has left meanwhile switches nothing off, and the event goes on")
    func goneBefore() throws {
        let receiver = RecordingReceiver("app", 410)
        receiver.hold()
        let events = try Events(receiver)
        let job = try events.publish(receiver)
        let worker = try events.start()
        defer { worker.stop() }
        try receiver.waitForMessages(1)
        try events.worker.store.write { try $0.setWebhooks([Webhook(application: "app", url: "https://new.test/")]) }
        receiver.release()
        try events.eventually(.scheduled, job)
        #expect(try events.webhook(receiver).offSince == nil)
    }

    @Test("A receiver that asks to be left alone is, with all its events")
    func leftAlone() throws {
        let receiver = RecordingReceiver("app")
        receiver.give(ApplicationAnswer(status: 429, retryAfter: "600"), ApplicationAnswer(status: 200))
        let events = try Events(receiver)
        let jobs = [try events.publish(receiver), try events.publish(receiver)]
        let worker = try events.start()
        defer { worker.stop() }
        try events.eventually(.scheduled, jobs[0])
        #expect(try events.job(jobs[0]).runAt - events.worker.clock.now() == .minutes(10))
        events.worker.clock.advance(.minutes(9))
        // A mail that was queued later has gone out: the queue was looked at.
        let mail = try events.worker.scene.enqueue("mail-test", #"{"to": "ops@example.com"}"#)
        worker.wake()
        try events.eventually(.done, mail)
        #expect(try events.job(jobs[1]).state == .ready && receiver.messages.count == 1)
        events.worker.clock.advance(.minutes(2))
        worker.wake()
        for job in jobs { try events.eventually(.done, job) }
    }

    @Test("Events of an application that is no longer configured are given up with a sentence")
    func unconfigured() throws {
        let (known, former) = (RecordingReceiver("known"), RecordingReceiver("former"))
        let events = try Events(known)
        let job = try events.publish(former)
        let worker = try events.start()
        defer { worker.stop() }
        try events.eventually(.dead, job)
        #expect(try events.job(job).reason == "The configuration names no webhook of former any more.")
        #expect(former.messages.isEmpty)
    }

    @Test("What another machine's configuration names is left to it")
    func elsewhere() throws {
        let (here, there) = (RecordingReceiver("here"), RecordingReceiver("there"))
        let events = try Events(here, there)
        let (job, own) = (try events.publish(there), try events.publish(here))
        let worker = try events.start("worker", [here])
        defer { worker.stop() }
        try events.eventually(.done, own)
        #expect(try events.job(job).state == .ready)
    }

    @Test("An event of a worker that fell silent is sent again by another, with the same id and body")
    func takenOver() throws {
        let (slow, well) = (RecordingReceiver("app"), RecordingReceiver("app"))
        slow.hold()
        let events = try Events(slow)
        let job = try events.publish(slow)
        let silent = try events.start("silent")
        defer { silent.stop() }
        try slow.waitForMessages(1)
        events.worker.store.fail()
        events.worker.clock.advance(WorkerScene.lease)
        let other = try events.start("other", store: events.worker.scene.store, [well])
        defer { other.stop() }
        try events.eventually(.scheduled, job)
        try events.worker.advance(to: job)
        other.wake()
        try events.eventually(.done, job)
        events.worker.store.heal()
        slow.release()
        silent.stop()
        #expect(well.messages == slow.messages)
        #expect(try events.worker.scene.store.read { try $0.attempts(job: job).map(\.worker) } == ["other"])
    }

    @Test("While webhooks are paused none is sent")
    func paused() throws {
        let receiver = RecordingReceiver("app")
        let events = try Events(receiver)
        let now = events.worker.clock.now()
        _ = try events.worker.store.write {
            try $0.pause(PausedKind(kind: "webhook", at: now, by: "operator:x", why: ""))
        }
        let job = try events.publish(receiver)
        let worker = try events.start()
        defer { worker.stop() }
        let mail = try events.worker.scene.enqueue("mail-test", #"{"to": "ops@example.com"}"#)
        try events.eventually(.done, mail)
        #expect(try events.job(job).state == .ready)
        _ = try events.worker.store.write { try $0.resume(lane: "webhook") }
        worker.wake()
        try events.eventually(.done, job)
    }

    @Test("An event that is queued in a transaction which fails is not sent")
    func rolledBack() throws {
        let receiver = RecordingReceiver("app")
        let events = try Events(receiver)
        struct Failure: Error {}
        let event = WebhookEvent(.totpReset, at: events.worker.clock.now(), userID: "budi", userType: "penyedia")
        #expect(throws: (any Error).self) {
            try events.worker.store.write { transaction in
                try transaction.append(
                    AuditEvent(name: .totpReset, at: event.at, actor: "x", subject: "budi", address: nil, detail: "")
                        .publishing(event))
                throw Failure()
            }
        }
        #expect(try events.worker.store.read { try $0.countJobs(JobFilter()) } == 0)
        try events.worker.store.write { transaction in
            try transaction.append(
                AuditEvent(name: .totpReset, at: event.at, actor: "x", subject: "budi", address: nil, detail: "")
                    .publishing(event))
        }
        let worker = try events.start()
        defer { worker.stop() }
        try receiver.waitForMessages(1)
    }
}
