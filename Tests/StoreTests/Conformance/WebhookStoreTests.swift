import Domain
import Store
import Support
import Testing

@Suite("Receivers of events")
struct WebhookStoreTests {
    private static let one = Webhook(application: "one", url: "https://one.test/")

    private func webhooks(_ fixture: TemporaryDatabase) throws -> [Webhook] {
        try fixture.database.read { try $0.webhooks() }
    }

    @Test(
        "The configuration takes the place of what was there; what became of an address is kept while it is the same",
        arguments: TestEngine.allCases)
    func configured(engine: TestEngine) throws {
        let fixture = try TemporaryDatabase(on: engine)
        let now = fixture.clock.now()
        let two = Webhook(
            application: "two", url: "https://two.test/", events: [.totpReset, .accountChanged], userTypes: ["penyedia"]
        )
        try fixture.database.write { try $0.setWebhooks([two, Self.one]) }
        #expect(try webhooks(fixture) == [Self.one, two])
        let failure = WebhookOutcome(at: now, isDelivered: false, words: "it broke")
        try fixture.database.write { transaction in
            try transaction.record(failure, of: "one")
            #expect(try transaction.switchOff(webhook: "one", at: now, why: "410"))
            #expect(try !transaction.switchOff(webhook: "one", at: now + .hours(1), why: "again"))
            try transaction.setWebhooks([Webhook(application: "one", url: Self.one.url, events: [.test])])
        }
        let kept = try #require(try webhooks(fixture).first)
        #expect(try webhooks(fixture).count == 1 && kept.events == [.test])
        #expect(kept.offSince == now && kept.offReason == "410" && kept.last == failure && kept.failingSince == now)
        #expect(kept.isConfigured(like: Webhook(application: "one", url: Self.one.url, events: [.test])))
        try fixture.database.write { try $0.setWebhooks([Webhook(application: "one", url: "https://new.test/")]) }
        let moved = try #require(try webhooks(fixture).first)
        #expect(moved.offSince == nil && moved.offReason == nil && moved.failingSince == nil)
        #expect(try fixture.database.write { try !$0.switchOn(webhook: "one") })
    }

    @Test(
        "Since when all attempts have failed is counted from the first, until one succeeds",
        arguments: TestEngine.allCases)
    func failing(engine: TestEngine) throws {
        let fixture = try TemporaryDatabase(on: engine)
        let now = fixture.clock.now()
        try fixture.database.write { try $0.setWebhooks([Self.one]) }
        func record(_ minutes: Int64, _ isDelivered: Bool) throws -> Instant? {
            let outcome = WebhookOutcome(at: now + .minutes(minutes), isDelivered: isDelivered, words: "")
            try fixture.database.write { try $0.record(outcome, of: "one") }
            return try webhooks(fixture).first?.failingSince
        }
        #expect(try record(0, true) == nil)
        #expect(try record(1, false) == now + .minutes(1))
        #expect(try record(2, false) == now + .minutes(1))
        #expect(try record(3, true) == nil)
        #expect(try record(4, false) == now + .minutes(4))
    }

    @Test(
        "An event goes to those who want it, each in a job of its own with an id of its own",
        arguments: TestEngine.allCases)
    func published(engine: TestEngine) throws {
        let fixture = try TemporaryDatabase(on: engine)
        let now = fixture.clock.now()
        let receivers = [
            Self.one, Webhook(application: "other-event", url: "https://a.test/", events: [.accountChanged]),
            Webhook(application: "other-type", url: "https://b.test/", userTypes: ["non-penyedia"]),
            Webhook(application: "same", url: "https://c.test/", events: [.totpReset], userTypes: ["penyedia"]),
        ]
        let event = WebhookEvent(.totpReset, at: now, userID: "budi", userType: "penyedia", details: ["by": "link"])
        let jobs = try fixture.database.write { transaction in
            try transaction.setWebhooks(receivers)
            try transaction.publish(event)
            return try transaction.jobs(JobFilter(), limit: 9)
        }
        #expect(jobs.map(\.application) == ["same", "one"] && Set(jobs.map(\.requestID)).count == 2)
        let message = try #require(jobs[0].payload(as: WebhookMessage.self))
        #expect(message.id == jobs[0].requestID && message.id.hasPrefix("evt_") && message.id.utf8.count == 36)
        #expect(
            message.body
                == #"{"data":{"by":"link","user_id":"budi","user_type":"penyedia"},"timestamp":"\#(now.rfc3339)","type":"totp.reset"}"#
        )
    }

    @Test(
        "What waits and what was given up is counted by application; the oldest ready is claimed",
        arguments: TestEngine.allCases)
    func queues(engine: TestEngine) throws {
        let fixture = try TemporaryDatabase(on: engine)
        let now = fixture.clock.now()
        let (queues, ready, claimed) = try fixture.database.write { transaction in
            var claimed: [Int64?] = []
            for (index, application) in ["one", "one", "one", "two"].enumerated() {
                let event = WebhookEvent(.totpReset, at: now + .seconds(Int64(index)), userID: "budi", userType: "x")
                _ = try transaction.publish(event, to: application)
            }
            try transaction.enqueue(NewJob(kind: "mail-test", payload: "{}", createdAt: now))
            for (application, settlement) in [
                ("one", Settlement.dead(outcome: .expired, reason: "")),
                ("two", .done(outcome: .delivered, reason: "")),
            ] {
                let job = try transaction.claim(
                    for: ReceiverID(.webhook, application), at: now, leaseUntil: now, worker: "w")
                claimed.append(job?.id)
                if let job { _ = try transaction.settle(job.claim, settlement, attempt: nil, at: now) }
            }
            return (try transaction.webhookQueues(), try transaction.receiversWithReadyMessages(), claimed)
        }
        #expect(queues == ["one": WebhookQueue(waiting: 2, oldest: now + .seconds(1), dead: 1)])
        #expect(ready == [ReceiverID(.webhook, "one")] && claimed == [1, 4])
        #expect(
            try fixture.database.write { try $0.claim(limit: 9, at: now, leaseUntil: now, worker: "w").map(\.kind) }
                == ["mail-test"])
    }
}
