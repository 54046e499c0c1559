import Domain
import Support
import Testing

@Suite("Codes and tokens")
struct GrantTests {
    @Test("A code brings tokens, which tell who it is; each step is audited")
    func happy() throws {
        let scene = try OpenIDScene()
        let tokens = try scene.tokens()
        let identity = try #require(try scene.access(tokens.access.text))
        #expect(identity.account.userID == "budi" && identity.subject == tokens.identity.subject && tokens.isFirst)
        #expect(identity.grant.nonce == "n" && identity.grant.scopes == [.openid, .profile])
        let next = try #require(try scene.refresh(tokens.refresh.text).tokens)
        #expect(!next.isFirst && next.identity.subject == identity.subject && next.refresh != tokens.refresh)
        #expect(
            try scene.login.events().suffix(3) == [
                "authn_application_code", "authn_application_login", "authn_application_token",
            ])
        #expect(try scene.store.read { try $0.totals().first { $0.name == .loggedIn }?.label } == "e-katalog")
    }

    /// A use of a code that is wrong in one way.
    enum WrongUse: String, CaseIterable {
        case late, otherClient, otherRedirect, noRedirect, wrongVerifier, noSession, weaker, policy, deactivated
        case otherType
    }

    @Test(
        "A code in wrong hands, too late or without its login is refused, audited and dead",
        arguments: WrongUse.allCases)
    func wrong(use: WrongUse) throws {
        let scene = try OpenIDScene(factor: use == .policy ? .password : .totp, userTypes: ["penyedia"])
        let id = scene.login.budi
        if use == .policy {
            let rule = PolicyRule(scope: nil, requiresTOTP: false, from: scene.now, madeAt: scene.now)
            try scene.store.write { try $0.addPolicyRule(rule, by: "x") }
        }
        let code = try #require(try scene.code()).text
        let outcome: OpenIDGrants.Outcome
        switch use {
        case .late:
            scene.clock.advance(.seconds(60))
            outcome = try scene.redeem(code)
        case .otherClient: outcome = try scene.redeem(code, by: scene.other)
        case .otherRedirect: outcome = try scene.redeem(code, redirectURI: OpenIDScene.redirectURI + "/")
        case .noRedirect: outcome = try scene.redeem(code, redirectURI: nil)
        case .wrongVerifier: outcome = try scene.redeem(code, verifier: String(repeating: "x", count: 43))
        case .noSession:
            try scene.endSession()
            outcome = try scene.redeem(code)
        case .weaker:
            let (session, sessions, now) = (scene.session, scene.login.sessions, scene.now)
            try scene.store.write { transaction in
                let known = try transaction.session(id: session)!
                _ = try sessions.restart(known, in: transaction, at: now, from: LoginScene.origin())
            }
            outcome = try scene.redeem(code)
        case .policy:
            scene.clock.advance(.seconds(1))
            let rule = PolicyRule(scope: nil, requiresTOTP: true, from: scene.now, madeAt: scene.now)
            try scene.store.write { try $0.addPolicyRule(rule, by: "x") }
            outcome = try scene.redeem(code)
        case .deactivated:
            try scene.store.write { try $0.setActive(account: id, false) }
            outcome = try scene.redeem(code)
        case .otherType:
            try scene.store.write { try $0.setUserType(account: id, "non-penyedia") }
            outcome = try scene.redeem(code)
        }
        #expect(outcome.refusal != nil)
        if use != .noSession { #expect(try scene.login.events().last == "authn_application_token_fail") }
        if ![.noSession, .weaker, .policy, .deactivated, .otherType, .late].contains(use) {
            #expect(try scene.redeem(code).refusal == .ended)
        }
    }

    @Test("A code that comes twice ends all it brought, whoever brings it", arguments: [true, false])
    func reused(isOwn: Bool) throws {
        let scene = try OpenIDScene()
        let code = try #require(try scene.code()).text
        let tokens = try #require(try scene.redeem(code).tokens)
        let next = try #require(try scene.refresh(tokens.refresh.text).tokens)
        scene.clock.advance(.minutes(5))
        #expect(try scene.access(next.access.text) != nil)
        #expect(try scene.redeem(code, by: isOwn ? nil : scene.other).refusal == (isOwn ? .reused : .otherClient))
        #expect(try scene.access(tokens.access.text) == nil && scene.access(next.access.text) == nil)
        #expect(try scene.refresh(next.refresh.text).refusal == .ended)
    }

    @Test("A refresh token that comes twice ends its family, and no other login's")
    func family() throws {
        let scene = try OpenIDScene()
        let (mine, others) = (try scene.tokens(), try scene.tokens())
        let second = try #require(try scene.refresh(mine.refresh.text).tokens)
        #expect(try scene.refresh(mine.refresh.text).refusal == .reused)
        #expect(try scene.login.events().last == "authn_application_token_reuse")
        #expect(try scene.refresh(second.refresh.text).refusal == .ended)
        #expect(try scene.access(second.access.text) == nil)
        #expect(try scene.access(others.access.text) != nil && scene.refresh(others.refresh.text).tokens != nil)
    }

    @Test("A token does one thing, for one client")
    func kinds() throws {
        let scene = try OpenIDScene()
        let tokens = try scene.tokens()
        #expect(try scene.refresh(tokens.access.text).refusal == .unknown)
        #expect(try scene.access(tokens.refresh.text) == nil)
        #expect(try scene.redeem(tokens.refresh.text).refusal == .unknown)
        #expect(try !scene.revoke(tokens.access.text, by: scene.other) && scene.access(tokens.access.text) != nil)
        #expect(try scene.refresh(tokens.refresh.text, by: scene.other).refusal == .otherClient)
        #expect(try scene.access(tokens.access.text) == nil)
    }

    @Test("What is revoked is over: an access token alone, a refresh token with all of its login")
    func revoked() throws {
        let scene = try OpenIDScene()
        let tokens = try scene.tokens()
        #expect(try scene.revoke(tokens.access.text) && scene.access(tokens.access.text) == nil)
        let next = try #require(try scene.refresh(tokens.refresh.text).tokens)
        #expect(try scene.revoke(next.refresh.text) && scene.access(next.access.text) == nil)
        #expect(try scene.refresh(next.refresh.text).refusal == .ended)
        #expect(try scene.revoke("nothing"))
    }

    @Test("Tokens live by the session: its end, idleness and whole time are theirs")
    func session() throws {
        let scene = try OpenIDScene()
        var tokens = try scene.tokens()
        // A refresh is a use: with one every 20 minutes the session lives to its twelve hours and no longer.
        for _ in 1..<36 {
            scene.clock.advance(.minutes(20))
            #expect(try scene.access(tokens.access.text) == nil)
            tokens = try #require(try scene.refresh(tokens.refresh.text).tokens)
            #expect(try scene.access(tokens.access.text) != nil)
        }
        scene.clock.advance(.minutes(20))
        #expect(try scene.refresh(tokens.refresh.text).refusal != nil)
        let idle = try OpenIDScene()
        let unused = try idle.tokens()
        idle.clock.advance(.minutes(31))
        #expect(try idle.refresh(unused.refresh.text).refusal == .noLogin)
        let ended = try OpenIDScene()
        let left = try ended.tokens()
        try ended.endSession()
        #expect(try ended.access(left.access.text) == nil && ended.refresh(left.refresh.text).refusal == .unknown)
    }

    @Test("A subject is one account's for ever, whatever it is called")
    func subject() throws {
        let scene = try OpenIDScene()
        let (first, id) = (try scene.tokens().identity.subject, scene.login.budi)
        #expect(first.utf8.count == 22 && !first.contains("budi"))
        #expect(try scene.tokens().identity.subject == first)
        try scene.store.write { try $0.setSubject(account: id, "another") }
        #expect(try scene.tokens().identity.subject == first)
    }

    @Test("Of 200 uses of one code, or of one refresh token, at once exactly one is taken")
    func races() throws {
        let scene = try OpenIDScene()
        let code = try #require(try scene.code()).text
        let outcomes = try inParallel(200) { _ in try scene.redeem(code) }
        #expect(outcomes.filter { $0.tokens != nil }.count == 1)
        let other = try OpenIDScene()
        let token = try other.tokens().refresh.text
        let refreshed = try inParallel(200) { _ in try other.refresh(token) }
        #expect(refreshed.filter { $0.tokens != nil }.count == 1)
        let winner = try #require(refreshed.compactMap(\.tokens).first)
        #expect(try other.access(winner.access.text) == nil)
    }

    @Test("The factor that an application asks for counts, whatever the policy says")
    func factor() throws {
        #expect(try OpenIDScene(factor: .password).code() == nil)
        #expect(try OpenIDScene(factor: .password, requires: .password).code() != nil)
        #expect(try OpenIDScene(factor: .recovery, requires: .totp).code() != nil)
        #expect(try OpenIDScene(factor: .totp, userTypes: ["non-penyedia"]).code() == nil)
    }
}
