import Domain
import Store
import Support
import Testing

@Suite("Codes at the desk")
struct CodeVerificationTests {
    @Test("The phone's code is accepted, and no second time: not now, not in its window, not after a restart")
    func replay() throws {
        let scene = try LoginScene()
        let code = try scene.code()
        #expect(try scene.check(code) == .accepted(activated: false, secondsAhead: 0))
        #expect(try scene.check(code) == .refused(.replayed(secondsToNext: 30)))
        scene.clock.advance(.seconds(29))
        #expect(try scene.check(code) == .refused(.replayed(secondsToNext: 1)))
        // Another process has the database only.
        let other = try scene.fixture.another()
        defer { other.close() }
        let (codes, now, budi) = (scene.codes, scene.now, scene.budi)
        let again = try other.write { transaction in
            try codes.check(
                code, of: try #require(try transaction.account(id: budi)), in: transaction, at: now, from: "x")
        }
        #expect(again == .refused(.replayed(secondsToNext: 1)))
        #expect(try scene.events().filter { $0 == "authn_token_reuse" }.count == 3)
        // A replay is no guess.
        #expect(try scene.store.read { try $0.failures(.code(budi)) } == nil)
    }

    @Test("Where machines share a clock, codes go by the machine's own, and delays by the shared one")
    func sharedClock() throws {
        let scene = try LoginScene()
        let codes = CodeVerification(sealer: scene.sealer, offset: { .minutes(10) })
        let (shared, budi) = (scene.now + .minutes(10), scene.budi)
        let check = { (code: String) in
            try scene.store.write { transaction in
                try codes.check(
                    code, of: try #require(try transaction.account(id: budi)), in: transaction, at: shared, from: "x")
            }
        }
        #expect(try check(try scene.code(secondsOff: 600)) == .refused(.wrong))
        #expect(try scene.store.read { try $0.failures(.code(budi))?.lastAt } == shared)
        let code = try scene.code()
        #expect(try check(code) == .accepted(activated: false, secondsAhead: 0))
        #expect(try check(code) == .refused(.replayed(secondsToNext: 30)))
    }

    @Test("A code of an earlier step is refused once a later one was accepted, and not called used")
    func earlierStep() throws {
        let scene = try LoginScene()
        let earlier = try scene.code(secondsOff: -30)
        #expect(try scene.check(try scene.code()) == .accepted(activated: false, secondsAhead: 0))
        #expect(try scene.check(earlier) == .refused(.outdated))
    }

    @Test("Two hundred post one code at once: one of them gets in")
    func parallel() throws {
        let scene = try LoginScene()
        let code = try scene.code()
        let outcomes = try inParallel(200) { _ in try scene.check(code) }
        #expect(outcomes.filter { $0 == .accepted(activated: false, secondsAhead: 0) }.count == 1)
        #expect(outcomes.filter { $0 == .refused(.replayed(secondsToNext: 30)) }.count == 199)
    }

    @Test("The window is one step to each side; beyond it only a clock that is slow is told")
    func window() throws {
        for (seconds, ahead) in [(-30, -30), (0, 0), (30, 30)] {
            let scene = try LoginScene()
            #expect(
                try scene.check(try scene.code(secondsOff: seconds)) == .accepted(activated: false, secondsAhead: ahead)
            )
        }
        let scene = try LoginScene()
        #expect(try scene.check(try scene.code(secondsOff: -60)) == .refused(.clockBehind(seconds: 60)))
        #expect(try scene.check(try scene.code(secondsOff: -120)) == .refused(.clockBehind(seconds: 120)))
        #expect(try scene.check(try scene.code(secondsOff: 60)) == .refused(.wrong))
        #expect(try scene.check(try scene.code(secondsOff: 90)) == .refused(.wrong))
        #expect(try scene.store.read { try $0.failures(.code(scene.budi))?.count } == 4)
    }

    @Test("Drift is learnt: a phone that falls behind step by step keeps getting in")
    func drift() throws {
        let scene = try LoginScene()
        #expect(
            try scene.check(try scene.code(secondsOff: -30)) == .accepted(activated: false, secondsAhead: -30))
        scene.clock.advance(.days(30))
        #expect(
            try scene.check(try scene.code(secondsOff: -60)) == .accepted(activated: false, secondsAhead: -60))
        #expect(try scene.store.read { try $0.credentials(account: scene.budi)?.drift } == -2)
    }

    @Test(
        "Only as many digits as a code has are looked at; nothing else counts as a failure",
        arguments: ["", "12345", "1234567", "123 4567", "+12345", "１２３４５", "12345a", "12345\n", "12345\u{0}"])
    func malformed(text: String) throws {
        let scene = try LoginScene()
        #expect(try scene.check(text) == .refused(.malformed(digits: 6)))
        #expect(try scene.store.read { try $0.failures(.code(scene.budi)) } == nil)
    }

    @Test(
        "A code counts once, however it is typed",
        arguments: [" ", "-", "\u{a0}", "\u{200b}"])
    func spelling(filler: String) throws {
        let scene = try LoginScene()
        let code = try scene.code()
        #expect(
            try scene.check(code.prefix(3) + filler + code.suffix(3)) == .accepted(activated: false, secondsAhead: 0))
        for again in [code, "\(code)\n", String(code.prefix(3) + " " + code.suffix(3))] {
            #expect(try scene.check(again) == .refused(.replayed(secondsToNext: 30)))
        }
    }

    @Test("From the fifth wrong code on one waits, twice as long each time; the right code is not looked at meanwhile")
    func growingDelay() throws {
        let scene = try LoginScene()
        for _ in 1...4 { #expect(try scene.check("000000") == .refused(.wrong)) }
        var seconds: Int64 = 10
        for _ in 5...9 {
            let until = scene.now + .seconds(seconds)
            #expect(try scene.check("000000") == .refused(.wait(until: until)))
            #expect(try scene.check(try scene.code()) == .refused(.wait(until: until)))
            scene.clock.set(until)
            seconds *= 2
        }
        #expect(try scene.notices(.failures) == 0)
        #expect(try scene.check("000000") == .refused(.wait(until: scene.now + .seconds(320))))
        #expect(try scene.notices(.failures) == 1)
        scene.clock.advance(.seconds(320))
        #expect(try scene.check(try scene.code()) == .accepted(activated: false, secondsAhead: 0))
        #expect(try scene.store.read { try $0.failures(.code(scene.budi)) } == nil)
    }

    @Test("After a hundred wrong codes no code is accepted any more, until TOTP is reset")
    func stopped() throws {
        let scene = try LoginScene()
        for _ in 1...99 {
            _ = try scene.check("000000")
            scene.clock.advance(.minutes(15))
        }
        #expect(try scene.check("000000") == .refused(.stopped))
        scene.clock.advance(.days(365))
        #expect(try scene.check(try scene.code()) == .refused(.stopped))
        #expect(try scene.events().filter { $0 == "authn_login_fail_max" }.count == 1)
        #expect(try scene.notices(.failures) == 1)
        let account = try scene.account()
        #expect(try scene.store.write { try $0.clearSecret(account: account.id, generation: account.generation) })
        try scene.give(scene.budi, scene.secret)
        #expect(try scene.check(try scene.code()) == .accepted(activated: false, secondsAhead: 0))
    }

    @Test("The first valid code makes a pending secret active, tells the owner, and is spent like any other")
    func activation() throws {
        let scene = try LoginScene(state: .pending)
        #expect(try scene.check("000000") == .refused(.wrong))
        #expect(try scene.account().totp == .pending)
        let code = try scene.code()
        #expect(try scene.check(code) == .accepted(activated: true, secondsAhead: 0))
        #expect(try scene.account().totp == .active)
        #expect(try scene.notices(.activation) == 1)
        #expect(try scene.events().contains("authn_totp_activated"))
        #expect(try scene.check(code) == .refused(.replayed(secondsToNext: 30)))
        scene.clock.advance(.seconds(30))
        #expect(try scene.check(try scene.code()) == .accepted(activated: false, secondsAhead: 0))
        #expect(try scene.notices(.activation) == 1)
    }

    @Test("A secret whose seal does not open, and an account without one, let nobody in")
    func unavailable() throws {
        let scene = try LoginScene()
        let code = try scene.code()
        // The row of another account, or an older row brought back: the seal is bound to account and generation.
        try scene.fixture.execute("UPDATE account SET generation = generation + 1;")
        #expect(try scene.check(code) == .refused(.unavailable))
        #expect(try scene.events() == ["crypt_decrypt_fail"])
        let none = try LoginScene(state: .none)
        #expect(try none.check("123456") == .refused(.unavailable))
        #expect(try none.events().isEmpty)
    }

    @Test(
        "SHA-256, SHA-512 and eight digits work as the authenticator was told",
        arguments: ["sha256/6/30", "sha512/8/60"])
    func parameters(text: String) throws {
        let parameters = try #require(TOTPParameters(text: text))
        let scene = try LoginScene(parameters: parameters)
        #expect(try scene.check("1234567") == .refused(.malformed(digits: parameters.digits)))
        #expect(try scene.check(try scene.code(parameters: parameters)) == .accepted(activated: false, secondsAhead: 0))
    }
}
