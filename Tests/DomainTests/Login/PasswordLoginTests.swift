import Cryptography
import Domain
import Support
import Testing

@Suite("Passwords at the desk")
struct PasswordLoginTests {
    private let scene: LoginScene

    init() throws { scene = try LoginScene() }

    private func isRight(_ outcome: PasswordLogin.Outcome) -> Bool {
        if case .accepted = outcome { true } else { false }
    }

    @Test("The right password opens a session that has proved it and no more")
    func right() throws {
        guard case .accepted(let token, let account) = try scene.attempt() else {
            Issue.record("refused")
            return
        }
        #expect(account.id == scene.budi)
        let session = try #require(
            try scene.store.read { try scene.sessions.session(token.text, in: $0, at: scene.now) })
        #expect((session.account, session.factor, session.address) == (scene.budi, .password, "192.0.2.7"))
        #expect(try scene.events() == ["authn_password_success"])
        // The database holds a digest, not the token.
        let dump = try scene.fixture.dump()
        #expect(!dump.contains(token.text))
        #expect(!dump.lowercased().contains(hex(Base64URL.decode(token.text) ?? [])))
        #expect(dump.lowercased().contains(hex(token.digest)))
    }

    private func hex(_ bytes: [UInt8]) -> String {
        bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    @Test("Whoever may not log in hears the same words and costs the same work")
    func alike() throws {
        try LoginScene.insert("tanpa", hash: nil, into: scene.fixture)
        try LoginScene.insert("tutup", hash: try scene.passwords.hash(LoginScene.password), into: scene.fixture)
        try scene.fixture.execute("UPDATE account SET active = 0 WHERE user_id = 'tutup';")
        for (userID, types) in [
            ("budi", ["penyedia"]), ("nobody", ["penyedia"]), ("tanpa", ["penyedia"]), ("tutup", ["penyedia"]),
            ("budi", ["non-penyedia"]),
        ] {
            let before = scene.passwords.verifications
            let password = userID == "budi" && types == ["penyedia"] ? "wrong" : LoginScene.password
            #expect(try scene.attempt(password, userID: userID, types: types) == .wrong, "\(userID)")
            #expect(scene.passwords.verifications == before + 1)
        }
        #expect(try scene.events() == Array(repeating: "authn_login_fail", count: 5))
    }

    @Test("Whoever has no account is held against somebody's hash, always the same, and is never right")
    func decoys() throws {
        for number in 1...20 {
            let hash = try scene.passwords.hash("theirs \(number)")
            try LoginScene.insert("user\(number)", hash: hash, into: scene.fixture)
        }
        // One of these passwords is right for the hash that stands in.
        for number in 1...20 {
            #expect(try scene.attempt("theirs \(number)", userID: "nobody") == .wrong)
            scene.fixture.clock.advance(.hours(2))
        }
        let drawn = try scene.store.read { transaction in
            try (0..<200).map { try transaction.decoyPasswordHash(UInt64($0)) }
        }
        #expect(drawn.allSatisfy { $0 != nil })
        #expect(Set(drawn).count == 21, "all of them take part")
        #expect(try scene.store.read { try $0.decoyPasswordHash(7) } == drawn[7])
    }

    @Test("What was typed as User ID is written down for no account's name", arguments: ["my-secret-password"])
    func noPasswordsInTheLog(typed: String) throws {
        #expect(try scene.attempt("x", userID: typed) == .wrong)
        #expect(!(try scene.fixture.dump().contains(typed)))
    }

    @Test("From the fifth wrong password on one waits; elsewhere, and for others, nobody does")
    func growingDelay() throws {
        for _ in 1...5 { #expect(try scene.attempt("wrong") == .wrong) }
        let until = scene.now + .seconds(10)
        let asked = scene.passwords.verifications
        #expect(try scene.attempt() == .wait(until: until))
        #expect(scene.passwords.verifications == asked)
        #expect(isRight(try scene.attempt(from: "192.0.2.8")))
        #expect(try scene.attempt("wrong", userID: "siti") == .wrong)
        scene.clock.set(until)
        #expect(isRight(try scene.attempt()))
        #expect(try scene.attempt("wrong") == .wrong)
        #expect(isRight(try scene.attempt()))
    }

    @Test("An unknown account makes one wait just as a known one does")
    func unknownWaits() throws {
        for userID in ["budi", "nobody"] {
            for _ in 1...5 { #expect(try scene.attempt("wrong", userID: userID) == .wrong) }
            #expect(try scene.attempt("wrong", userID: userID) == .wait(until: scene.now + .seconds(10)))
        }
    }

    @Test("A hundred guesses at once are not judged for the price of one")
    func parallel() throws {
        let scene = scene
        let outcomes = try inParallel(100) { _ in try scene.attempt("wrong") }
        #expect(outcomes.filter { $0 == .wrong }.count == 5)
        #expect(scene.passwords.verifications == 5)
    }

    @Test("One address is turned away after a hundred wrong passwords within an hour, whatever the User IDs")
    func perAddress() throws {
        for number in 0..<100 { #expect(try scene.attempt("wrong", userID: "u\(number)") == .wrong) }
        #expect(try scene.attempt() == .tooMany)
        #expect(isRight(try scene.attempt(from: "192.0.2.8")))
        scene.clock.advance(.hours(1) + .seconds(1))
        #expect(isRight(try scene.attempt()))
    }

    @Test("When too many wait nobody is judged, and nothing is counted")
    func busy() throws {
        scene.passwords.becomeBusy()
        for _ in 1...20 { #expect(try scene.attempt("wrong") == .busy) }
        scene.passwords.becomeBusy(false)
        #expect(isRight(try scene.attempt()))
    }

    @Test("A hash of another cost is replaced by one of ours at the next login")
    func rehash() throws {
        let old = try PasswordHasher(memoryKiB: 16, passes: 1).hash(
            Array(LoginScene.password.utf8), random: SeededRandom())
        try scene.store.write { [budi = scene.budi] in try $0.setPassword(account: budi, hash: old) }
        #expect(try scene.attempt("wrong") == .wrong)
        #expect(try scene.store.read { try $0.credentials(account: scene.budi)?.passwordHash } == old)
        #expect(isRight(try scene.attempt()))
        let new = try scene.store.read { try $0.credentials(account: scene.budi)?.passwordHash }
        #expect(new != old && new?.contains("m=8,t=1") == true)
        #expect(isRight(try scene.attempt()))
    }

    @Test("Asking again for the password counts like a login and opens nothing")
    func confirm() throws {
        func confirm(_ password: String) throws -> PasswordLogin.Outcome? {
            try scene.login.confirmPassword(
                Array(password.utf8), of: try scene.account(), in: scene.store, at: scene.now,
                from: LoginScene.origin())
        }
        #expect(try confirm(LoginScene.password) == nil)
        #expect(try scene.store.read { try $0.sessions(account: scene.budi) } == [])
        for _ in 1...5 { #expect(try confirm("wrong") == .wrong) }
        #expect(try confirm(LoginScene.password) == .wait(until: scene.now + .seconds(10)))
    }
}
