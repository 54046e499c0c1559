import Cryptography
import Domain
import Support
import Testing

@Suite("Sessions")
struct SessionTests {
    private let scene: LoginScene

    init() throws { scene = try LoginScene() }

    private func open(_ factor: LoginSession.Factor = .password) throws -> SessionToken {
        let (sessions, budi, now) = (scene.sessions, scene.budi, scene.now)
        return try scene.store.write {
            try sessions.open(account: budi, factor: factor, in: $0, at: now, from: LoginScene.origin())
        }
    }

    private func find(_ token: SessionToken) throws -> LoginSession? {
        try scene.store.read { try scene.sessions.session(token.text, in: $0, at: scene.now) }
    }

    @Test("A session ends after half an hour without a request, and after twelve hours whatever happens")
    func limits() throws {
        let token = try open()
        scene.clock.advance(.minutes(30) - .milliseconds(1))
        let session = try #require(try find(token))
        try scene.store.write { [now = scene.now] in try $0.touch(session: session.id, at: now) }
        scene.clock.advance(.minutes(29))
        #expect(try find(token) != nil)
        scene.clock.advance(.minutes(1))
        #expect(try find(token) == nil)

        let busy = try open()
        for _ in 1...47 {
            scene.clock.advance(.minutes(15))
            let session = try #require(try find(busy))
            try scene.store.write { [now = scene.now] in try $0.touch(session: session.id, at: now) }
        }
        scene.clock.advance(.minutes(15))
        #expect(try find(busy) == nil)
    }

    @Test("An elevation gives a new token, ends the old one and prolongs nothing")
    func elevation() throws {
        let old = try open()
        let session = try #require(try find(old))
        scene.clock.advance(.minutes(10))
        let (sessions, now) = (scene.sessions, scene.now)
        let new = try scene.store.write {
            try sessions.upgrade(session, to: .totp, in: $0, at: now, from: LoginScene.origin())
        }
        #expect(new.text != old.text)
        #expect(try find(old) == nil)
        let elevated = try #require(try find(new))
        #expect((elevated.factor, elevated.startedAt) == (.totp, session.startedAt))
    }

    @Test("Tokens hold 256 random bits, and what is none of ours finds nothing")
    func tokens() throws {
        let texts = (0..<1000).map { _ in SessionToken(random: scene.random).text }
        #expect(Set(texts).count == 1000)
        #expect(texts.allSatisfy { $0.utf8.count == 43 })
        _ = try open()
        for nonsense in ["", "x", String(repeating: "A", count: 43), "' OR 1=1 --"] {
            let found = try scene.store.read { try scene.sessions.session(nonsense, in: $0, at: scene.now) }
            #expect(found == nil)
        }
    }

    @Test("What a session is worth depends on the policy of the moment")
    func state() throws {
        let now = scene.now
        func session(_ factor: LoginSession.Factor) -> LoginSession {
            LoginSession(
                id: 1, account: scene.budi, publicID: "x", factor: factor, startedAt: now, createdAt: now, seenAt: now,
                address: "x",
                browser: "x")
        }
        let on = Policy(rules: [])
        let off = Policy(rules: [PolicyRule(scope: nil, requiresTOTP: false, from: now, madeAt: now)])
        let active = try scene.account()
        let none = try LoginScene(state: .none).account()
        for factor in LoginSession.Factor.allCases {
            let one = session(factor)
            #expect(LoginState(one, active, policy: off, at: now) == .authenticated(one, active))
            let expected: LoginState = factor.isSecond ? .authenticated(one, active) : .verifying(one, active)
            #expect(LoginState(one, active, policy: on, at: now) == expected)
            if !factor.isSecond {
                #expect(LoginState(one, none, policy: on, at: now) == .enrolling(one, none))
            }
        }
        try scene.fixture.execute("UPDATE account SET active = 0;")
        let closed = try scene.account()
        #expect(LoginState(session(.totp), closed, policy: on, at: now) == .anonymous)
    }

    @Test("A ticket is ours for a quarter of an hour and cannot be altered")
    func tickets() throws {
        let ticket = ClaimedIdentity(userID: "budi", userTypes: ["penyedia", "non-penyedia"])
        let text = scene.tickets.text(ticket, at: scene.now)
        #expect(scene.tickets.ticket(text, at: scene.now) == ticket)
        #expect(scene.tickets.ticket(text, at: scene.now + .minutes(15) - .milliseconds(1)) == ticket)
        #expect(scene.tickets.ticket(text, at: scene.now + .minutes(15)) == nil)
        #expect(scene.tickets.ticket(text, at: scene.now - .minutes(1)) == nil)
        let stranger = ClaimedIdentities(key: SecretKey(bytes: [UInt8](repeating: 1, count: 32))!)
        #expect(stranger.ticket(text, at: scene.now) == nil)
        for position in text.indices {
            var forged = text
            forged.replaceSubrange(position...position, with: text[position] == "A" ? "B" : "A")
            #expect(scene.tickets.ticket(forged, at: scene.now) == nil)
        }
    }
}
