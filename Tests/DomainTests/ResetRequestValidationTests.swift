import Domain
import Store
import Support
import Testing

@Suite("Admission of reset requests")
struct ResetRequestValidationTests {
    private let scene: ResetScene

    init() throws { scene = try ResetScene() }

    private func refusal(_ decision: ResetRequestValidation.Decision) -> ResetRequestValidation.ResetRefusal? {
        if case .refused(let refusal) = decision { refusal } else { nil }
    }

    private func decide(_ payload: ResetPayload) throws -> ResetRequestValidation.Decision {
        try scene.request(payload)
        return try scene.decide()
    }

    private func nobodyWasMailed() throws {
        #expect(try scene.fixture.execute("SELECT count(*) FROM reset_request WHERE state = 'open';") == "0")
    }

    @Test("When everything matches, a request is opened for the account, its generation and the job")
    func opens() throws {
        let asked = scene.clock.now()
        let job = try scene.request(scene.payload())
        scene.clock.advance(.seconds(20))
        guard case .open(let request, let account, _) = try scene.decide() else { return #expect(Bool(false)) }
        #expect(account == (try scene.account()))
        #expect(request.account == scene.budi)
        #expect(request.generation == 1)
        #expect(request.job == job)
        #expect(request.state == .open)
        #expect(request.address == "192.0.2.7")
        // The time of the link counts from the moment that the person asked, not from when the queue got to it.
        #expect(request.requestedAt == asked)
        #expect(request.expiresAt == asked + ResetScene.linkLifetime)
        #expect(try scene.store.read { try $0.resetRequest(id: request.id) } == request)
        #expect(request.id.utf8.count == 22)
    }

    @Test("A captcha that is not ours")
    func captchaForged() throws {
        let payload = scene.payload(captcha: "AAAA")
        #expect(refusal(try decide(payload)) == .captchaForged)
        #expect(refusal(try decide(scene.payload(captcha: ""))) == .captchaForged)
        try nobodyWasMailed()
    }

    @Test("A captcha answered wrong, and it may be answered again")
    func captchaWrong() throws {
        let challenge = scene.captchas.challenge(at: scene.clock.now(), random: scene.random)
        #expect(refusal(try decide(scene.payload(captcha: challenge.id, answer: "000000"))) == .captchaWrong)
        try nobodyWasMailed()
        #expect(refusal(try decide(scene.payload(captcha: challenge.id, answer: challenge.code))) == nil)
    }

    @Test("One half of a captcha is no captcha")
    func captchaHalf() throws {
        func payload(captcha: String?, answer: String?) -> ResetPayload {
            ResetPayload(
                userID: "budi", email: "budi@example.org", userType: "penyedia", captcha: captcha, securityCode: answer,
                address: nil, requestID: nil)
        }
        let challenge = scene.captchas.challenge(at: scene.clock.now(), random: scene.random)
        #expect(refusal(try decide(payload(captcha: nil, answer: challenge.code))) == .captchaForged)
        #expect(refusal(try decide(payload(captcha: challenge.id, answer: nil))) == .captchaWrong)
        // Who may write into the queue and leaves both out has asked a person by other means.
        #expect(refusal(try decide(payload(captcha: nil, answer: nil))) == nil)
    }

    @Test("A captcha that had expired when the person answered; a queue that was late is not the person's fault")
    func captchaExpired() throws {
        let old = scene.payload()
        scene.clock.advance(CaptchaService.lifetime)
        #expect(refusal(try decide(old)) == .captchaExpired)
        try nobodyWasMailed()
        try scene.request(scene.payload())
        scene.clock.advance(CaptchaService.lifetime + .minutes(1))
        #expect(refusal(try scene.decide()) == nil)
    }

    @Test("A captcha is worth one request, also when that one was refused for something else")
    func captchaSpent() throws {
        let challenge = scene.captchas.challenge(at: scene.clock.now(), random: scene.random)
        func payload(_ email: String) -> ResetPayload {
            scene.payload(email: email, captcha: challenge.id, answer: challenge.code)
        }
        #expect(refusal(try decide(payload("evil@example.com"))) == .emailMismatch)
        #expect(refusal(try decide(payload("budi@example.org"))) == .captchaSpent)
        try nobodyWasMailed()
    }

    @Test(
        "An account that is not there; Unicode twins are not there either",
        arguments: ["siti", "bu di", "budi\u{0}", "bud\u{131}", "\u{feff}budi", ""])
    func accountUnknown(userID: String) throws {
        #expect(refusal(try decide(scene.payload(userID, email: "budi@example.org"))) == .accountUnknown)
    }

    @Test(
        "Case and white space around do not matter, and the mail goes to the address as it is stored",
        arguments: [
            ("BUDI", "Budi@Example.ORG"), (" budi\n", "budi@example.org\r\n"),
            ("\u{a0}Budi", "\u{3000}BUDI@example.org\t"),
        ])
    func spelling(userID: String, email: String) throws {
        guard case .open(_, let account, _) = try decide(scene.payload(userID, email: email)) else {
            Issue.record("refused")
            return
        }
        #expect((account.userID, account.email) == ("budi", "budi@example.org"))
    }

    @Test("An account that is not active")
    func accountInactive() throws {
        try scene.fixture.execute("UPDATE account SET active = 0;")
        #expect(refusal(try decide(scene.payload())) == .accountInactive)
        try nobodyWasMailed()
    }

    @Test(
        "An address that is not the stored one",
        arguments: [
            "evil@example.com", "budi@example.org\u{0}", "bu di@example.org", "",
            "budi@\u{ff45}xample.org", "budi@example.org,evil@example.com",
        ])
    func emailMismatch(email: String) throws {
        #expect(refusal(try decide(scene.payload(email: email))) == .emailMismatch)
        try nobodyWasMailed()
    }

    @Test("Two spellings of one letter are two addresses")
    func normalisation() throws {
        try scene.fixture.execute("UPDATE account SET email = 'b' || char(233) || 'di@example.org';")
        #expect(refusal(try decide(scene.payload(email: "be\u{301}di@example.org"))) == .emailMismatch)
        #expect(refusal(try decide(scene.payload(email: "b\u{e9}di@example.org"))) == nil)
    }

    @Test("Another type of user")
    func userTypeMismatch() throws {
        #expect(refusal(try decide(scene.payload(userType: "non-penyedia"))) == .userTypeMismatch)
        try nobodyWasMailed()
    }

    @Test("An account without TOTP has nothing to reset")
    func totpOff() throws {
        _ = try ResetScene.insert("siti", into: scene.fixture)
        #expect(refusal(try decide(scene.payload("siti"))) == .totpOff)
    }

    @Test("A fourth request within an hour, for that account alone, and not for longer")
    func accountLimit() throws {
        _ = try scene.newcomer("siti")
        for _ in 0..<ResetScene.perAccountPerHour {
            #expect(refusal(try decide(scene.payload())) == nil)
            scene.clock.advance(.minutes(1))
        }
        #expect(refusal(try decide(scene.payload())) == .accountLimit)
        #expect(refusal(try decide(scene.payload("siti"))) == nil)
        scene.clock.advance(.hours(1) - .minutes(3))
        #expect(refusal(try decide(scene.payload())) == .accountLimit)
        scene.clock.advance(.milliseconds(1))
        #expect(refusal(try decide(scene.payload())) == nil)
    }

    @Test("A refused request counts for no limit and supersedes nothing")
    func refusedLeavesNoTrace() throws {
        let open = try scene.openRequest()
        for _ in 0..<5 { #expect(refusal(try decide(scene.payload(email: "evil@example.com"))) == .emailMismatch) }
        #expect(try scene.store.read { try $0.resetRequest(id: open.id)?.state } == .open)
        #expect(refusal(try decide(scene.payload())) == nil)
        #expect(try scene.store.read { try $0.resetRequest(id: open.id)?.state } == .superseded)
    }

    @Test("Of requests that are decided on together each sees what those before it did", arguments: TestEngine.allCases)
    func together(engine: TestEngine) throws {
        let scene = try ResetScene(on: engine)
        _ = try scene.newcomer("siti")
        let first = scene.payload()
        let others = [
            scene.payload(), scene.payload("siti"), scene.payload("BUDI ", email: "Budi@example.org"), scene.payload(),
        ]
        for payload in [first, first] + others { try scene.request(payload) }
        #expect(try scene.decide(6).map(refusal) == [nil, .captchaSpent, nil, nil, nil, .accountLimit])
        let states = try scene.fixture.execute("SELECT state FROM reset_request ORDER BY job;")
        #expect(states.split(separator: "\n") == ["superseded", "superseded", "open", "open"])
    }

    @Test(
        "A retry is overtaken by a request that is decided on before it, and not by one that is after it",
        arguments: TestEngine.allCases)
    func overtakenTogether(engine: TestEngine) throws {
        let scene = try ResetScene(on: engine)
        let opened = try scene.openRequest()
        try retryJob(opened.job, in: scene)
        try scene.request(scene.payload())
        #expect(try scene.decide(2).map(refusal) == [nil, nil])
        let newer = try scene.job(opened.job + 1)
        try retryJob(newer.id, in: scene)
        try scene.fixture.execute("UPDATE job SET class = 'bulk' WHERE id = \(newer.id);")
        try scene.request(scene.payload())
        #expect(try scene.decide(2).map(refusal) == [nil, .overtaken])
    }

    @Test("A retry gets the same request, spends no second captcha and counts once")
    func retry() throws {
        try scene.request(scene.payload())
        guard case .open(let first, _, _) = try scene.decide() else { return #expect(Bool(false)) }
        try retryJob(first.job)
        guard case .open(let second, _, _) = try scene.decide() else { return #expect(Bool(false)) }
        #expect(second == first)
        let budi = scene.budi
        #expect(try scene.store.read { try $0.resetRequests(account: budi, since: Instant(milliseconds: 0)) } == 1)
    }

    @Test(
        "A retry whose request has been overtaken mails nobody",
        arguments: [
            "UPDATE reset_request SET state = 'used'", "UPDATE reset_request SET state = 'superseded'",
            "UPDATE reset_request SET state = 'cancelled'", "UPDATE account SET generation = generation + 1",
            "UPDATE account SET active = 0", "UPDATE reset_request SET expires_at = requested_at",
        ])
    func overtaken(by sql: String) throws {
        let request = try scene.openRequest()
        try scene.fixture.execute("\(sql);")
        try retryJob(request.job)
        #expect(refusal(try scene.decide()) == .overtaken)
    }

    private func retryJob(_ id: Int64, in other: ResetScene? = nil) throws {
        let scene = other ?? scene
        let (now, claim) = (scene.clock.now(), try scene.job(id).claim)
        #expect(
            try scene.store.write {
                try $0.settle(claim, .release(until: nil, reason: "again"), attempt: nil, at: now)
            })
    }

    @Test(
        "A payload that cannot be understood is malformed, with the reason",
        arguments: [
            ("", "the payload is not JSON"), ("{", "the payload is not JSON"), ("null", "the payload is not an object"),
            ("[1]", "the payload is not an object"), ("7", "the payload is not an object"),
            ("{}", "the payload has no user_id"), (#"{"user_id": "budi"}"#, "the payload has no email"),
            (#"{"user_id": 7, "email": "x", "user_type": "x"}"#, "the payload's user_id is not text"),
            (#"{"user_id": null, "email": "x", "user_type": "x"}"#, "the payload's user_id is not text"),
            (#"{"user_id": "x", "email": ["a", "b"], "user_type": "x"}"#, "the payload's email is not text"),
            (#"{"user_id": "x", "email": "x", "user_type": "x", "captcha": 5}"#, "the payload's captcha is not text"),
            ("{\"user_id\": \"\u{0}", "the payload is not JSON"),
            (String(repeating: "[", count: 60_000), "the payload is not JSON"),
        ])
    func malformed(json: String, reason: String) throws {
        try scene.enqueue("reset-request", json)
        #expect(try scene.decide() == .malformed(reason))
    }

    @Test("A job without a payload is malformed")
    func noPayload() throws {
        try scene.fixture.execute("INSERT INTO job (kind) VALUES ('reset-request');")
        #expect(try scene.decide() == .malformed("the job has no payload"))
    }

    @Test("The names in the payload are the form's, so that it can be written by hand")
    func byHand() throws {
        try scene.enqueue(
            "reset-request",
            #"{"user_id": "budi", "email": "budi@example.org", "user_type": "penyedia", "colour": "blue"}"#)
        #expect(refusal(try scene.decide()) == nil)
    }

    @Test("Whoever asks twice at once, with one captcha, is admitted once")
    func race() throws {
        let payload = scene.payload()
        for _ in 0..<20 { try scene.request(payload) }
        let scene = scene
        let decisions = try inParallel(20) { _ in try scene.decide() }
        #expect(decisions.filter { refusal($0) == .captchaSpent }.count == 19)
        #expect(decisions.filter { refusal($0) == nil }.count == 1)
    }

}
