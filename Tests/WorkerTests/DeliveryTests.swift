import Domain
import Support
import Testing
import Worker

/// Each outcome of a delivery, from the queue through the courier and back.
@Suite("Deliveries")
struct DeliveryTests {
    @Test("A right request is mailed to the stored address, once, and its payload erased")
    func delivered() throws {
        let scene = try WorkerScene()
        let job = try scene.scene.request(scene.scene.payload())
        try scene.working { _ in try scene.logger.settled(job) }
        let settled = try scene.scene.job(job)
        #expect((settled.state, settled.outcome, settled.reason) == (.done, "mailed", "2.0.0 queued"))
        #expect((settled.payload, settled.attempts, settled.finishedAt) == (nil, 1, scene.clock.now()))
        let mail = try #require(scene.courier.mails.first)
        #expect(scene.courier.mails.count == 1)
        let request = try #require(try scene.store.read { try $0.resetRequest(job: job) })
        let token = scene.scene.links.token(for: request)
        #expect(mail.recipient == "budi@example.org")
        #expect(mail.subject == "Pulih mail/id/reset-link.subject")
        #expect(
            mail.text.hasPrefix(
                "budi https://masuk.example.org/reset/\(token) https://masuk.example.org/reset/\(token)/cancel"))
        #expect(mail.html == "<a href=\"https://masuk.example.org/reset/\(token)\">budi</a>")
        #expect(mail.messageID == "\(request.id)@masuk.example.org")
        #expect(mail.date == settled.createdAt)
        let attempts = try scene.store.read { try $0.attempts(job: job) }
        #expect(attempts.map(\.outcome) == [.delivered])
        #expect(attempts.map(\.worker) == ["worker"])
        if case .valid = try scene.scene.linkStatus(token) {
        } else {
            #expect(Bool(false), "the mailed link does not work")
        }
    }

    @Test("Each try of a mail has the return address of its job, and the store its digest alone")
    func returnAddress() throws {
        let scene = try WorkerScene(RecordingCourier(.temporary, .delivered))
        let job = try scene.scene.request(scene.scene.payload())
        let mailbox = try #require(ReturnMailbox("bounce@example.org"))
        let addresses = ReturnAddresses(mailbox: mailbox, keys: SigningKeys(ResetScene.key))
        let worker = try scene.start(returnAddresses: addresses)
        defer { worker.stop() }
        try scene.logger.settled(job)
        try scene.advance(to: job)
        worker.wake()
        let mails = try scene.courier.waitForMails(2)
        let address = addresses.address(for: try scene.scene.job(job))
        #expect(mails.map(\.returnAddress) == [address.text, address.text])
        let stored = try scene.store.read { try $0.returnDigest(job: job) }
        #expect(stored == address.digest)
    }

    @Test("What the relay refuses for good is dead at once and keeps its payload for an operator")
    func permanent() throws {
        let scene = try WorkerScene(RecordingCourier(.permanent))
        let job = try scene.scene.request(scene.scene.payload())
        try scene.working { _ in try scene.logger.settled(job) }
        let settled = try scene.scene.job(job)
        #expect((settled.state, settled.outcome) == (.dead, "rejected"))
        #expect(settled.reason == "relay.test:25 said: 5.1.1 no such mailbox")
        #expect(settled.payload != nil)
        #expect(scene.courier.mails.count == 1)
    }

    @Test(
        "A retry is the same mail to the last byte: link, Message-ID, Date",
        arguments: [Delivery.Outcome.temporary, .unknown])
    func retry(outcome: Delivery.Outcome) throws {
        let scene = try WorkerScene(RecordingCourier(outcome, .delivered))
        let job = try scene.scene.request(scene.scene.payload())
        try scene.working { worker in
            try scene.logger.settled(job)
            let waiting = try scene.scene.job(job)
            #expect((waiting.state, waiting.attempts, waiting.unknowns) == (.scheduled, 1, outcome == .unknown ? 1 : 0))
            let wait = (waiting.runAt - scene.clock.now()).seconds
            #expect((4...6).contains(wait))
            // An unknown outcome also pauses the lane: the relay took a body and fell silent.
            scene.clock.advance(.seconds(8))
            worker.wake()
            try scene.logger.settled(job, times: 2)
        }
        #expect(scene.courier.mails.count == 2)
        #expect(scene.courier.mails[0] == scene.courier.mails[1])
        #expect(try scene.scene.job(job).outcome == "mailed")
        #expect(try scene.store.read { try $0.attempts(job: job).map(\.number) } == [1, 2])
    }

    @Test("A retry is taken up when its time has come, and not before")
    func notBefore() throws {
        let scene = try WorkerScene(RecordingCourier(.temporary, .delivered))
        let job = try scene.scene.request(scene.scene.payload())
        try scene.working { worker in
            try scene.logger.settled(job)
            scene.clock.set(try scene.scene.job(job).runAt - .milliseconds(1))
            worker.wake()
            #expect(throws: SupportFailure.self) { try scene.courier.waitForMails(2, timeout: .milliseconds(100)) }
            scene.clock.advance(.milliseconds(1))
            worker.wake()
            try scene.logger.settled(job, times: 2)
        }
    }

    @Test("Two unknown outcomes are enough: dead, for an operator to judge")
    func unknownTwice() throws {
        let scene = try WorkerScene(RecordingCourier(.unknown))
        let job = try scene.scene.request(scene.scene.payload())
        try scene.working { worker in
            try scene.logger.settled(job)
            scene.clock.advance(.seconds(8))
            worker.wake()
            try scene.logger.settled(job, times: 2)
        }
        let settled = try scene.scene.job(job)
        #expect((settled.state, settled.outcome, scene.courier.mails.count) == (.dead, "unknown", 2))
    }

    @Test("Tried in vain until its end, a link is dead before it would be mailed too late")
    func linkLife() throws {
        let scene = try WorkerScene(RecordingCourier(.temporary))
        let job = try scene.scene.request(scene.scene.payload())
        let end = scene.clock.now() + ResetScene.linkLifetime
        try scene.working { worker in
            for times in 1...20 {
                try scene.logger.settled(job, times: times)
                if try scene.scene.job(job).state == .dead { break }
                #expect(try scene.scene.job(job).runAt < end)
                try scene.advance(to: job)
                worker.wake()
            }
        }
        let settled = try scene.scene.job(job)
        #expect((settled.state, settled.outcome) == (.dead, "expired"))
        #expect(scene.clock.now() < end)
        #expect(scene.courier.mails.count >= 5)
        #expect(Set(scene.courier.mails.map(\.text)).count == 1)
    }

    @Test("What has expired in the queue is dead and not mailed", arguments: JobKind.submittable)
    func expired(kind: JobKind) throws {
        let scene = try WorkerScene()
        let job: Int64
        switch kind {
        case .resetRequest: job = try scene.scene.request(scene.scene.payload())
        case .resetNotice, .activationNotice, .disablingNotice, .failureNotice, .recoveryNotice:
            job = try scene.scene.enqueue(kind.rawValue, #"{"account": 1, "at": 0, "address": "x"}"#)
        case .mailTest, .webhook, .logout: job = try scene.scene.enqueue(kind.rawValue, #"{"to": "ops@example.com"}"#)
        }
        scene.clock.advance(kind.lifetime(linkLifetime: ResetScene.linkLifetime))
        try scene.working { _ in try scene.logger.settled(job) }
        let settled = try scene.scene.job(job)
        #expect((settled.state, settled.outcome) == (.dead, "expired"))
        #expect(settled.reason == "its time ran out before it could be sent")
        #expect(scene.courier.mails.isEmpty)
    }

    @Test("Confirming a link mails a notice to the owner; a test goes where it was sent")
    func otherKinds() throws {
        let scene = try WorkerScene()
        let request = try scene.scene.openRequest()
        _ = try scene.scene.confirm(scene.scene.links.token(for: request))
        let test = try scene.scene.enqueue("mail-test", #"{"to": "ops@example.com"}"#)
        try scene.working { _ in
            try scene.logger.settled(test)
            try scene.logger.wait(for: "job.settled", count: 2)
        }
        #expect(Set(scene.courier.mails.map(\.recipient)) == ["budi@example.org", "ops@example.com"])
        #expect(scene.courier.mails.contains { $0.text == "Senin, 23 November 2026 pukul 15.00 WIB 192.0.2.9" })
    }

    @Test("A refusal is settled with its reason and never meets the courier")
    func refusals() throws {
        let scene = try WorkerScene()
        let settings = scene.scene
        _ = try ResetScene.insert("siti", into: settings.fixture)
        let spent = settings.payload(email: "evil@example.com")
        let expected = [
            (try settings.request(spent), "email-mismatch"), (try settings.request(spent), "captcha-spent"),
            (try settings.request(settings.payload("nobody")), "account-unknown"),
            (try settings.request(settings.payload("siti")), "totp-off"),
            (try settings.request(settings.payload(userType: "x")), "user-type-mismatch"),
            (try settings.request(settings.payload(answer: "x")), "captcha-wrong"),
            (try settings.request(settings.payload(captcha: "x")), "captcha-forged"),
        ]
        try scene.working(lanes: 1) { _ in
            for (job, reason) in expected {
                #expect(try scene.logger.settled(job).fields["reason"] == reason)
                let settled = try settings.job(job)
                #expect(
                    (settled.state, settled.outcome, settled.reason, settled.payload) == (.done, "refused", reason, nil)
                )
            }
        }
        #expect(scene.courier.mails.isEmpty)
    }

    @Test("A flood of refused requests does not keep the worker from settling what lanes report, nor from stopping")
    func flood() throws {
        let scene = try WorkerScene()
        let good = try scene.scene.request(scene.scene.payload())
        for _ in 0..<200 { try scene.scene.enqueue("reset-request", "{}") }
        try scene.working(lanes: 1) { _ in try scene.logger.settled(good) }
        let order = scene.logger.all("job.settled").compactMap { $0.fields["job"] }
        let place = try #require(order.firstIndex(of: "\(good)"))
        #expect(place < 100, "settled after \(place) others")
    }
}
