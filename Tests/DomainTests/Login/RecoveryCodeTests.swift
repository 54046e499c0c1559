import Domain
import Support
import Testing

@Suite("Recovery codes")
struct RecoveryCodeTests {
    private let scene: LoginScene

    init() throws { scene = try LoginScene() }

    private func make() throws -> [String] {
        let (recovery, now, account) = (scene.recovery, scene.now, try scene.account())
        return try scene.store.write { try recovery.generate(for: account, in: $0, at: now, from: "192.0.2.7") }
    }

    private func spend(_ code: String) throws -> RecoveryCodes.Outcome {
        let (recovery, now, account) = (scene.recovery, scene.now, try scene.account())
        return try scene.store.write { try recovery.spend(code, of: account, in: $0, at: now, from: "192.0.2.7") }
    }

    @Test("Ten codes in groups of four, none twice, and the database holds none of them")
    func make10() throws {
        let codes = try make()
        #expect(Set(codes).count == 10)
        #expect(codes.allSatisfy { $0.wholeMatch(of: /[a-z2-7]{4}(-[a-z2-7]{4}){3}/) != nil })
        let dump = try scene.fixture.dump()
        #expect(codes.allSatisfy { !dump.contains($0) && !dump.contains($0.filter { $0 != "-" }) })
    }

    @Test("Each works once, however it is typed, and its owner is told what is left")
    func spendOnce() throws {
        let codes = try make()
        #expect(try spend(codes[0]) == .accepted(remaining: 9))
        #expect(try spend(codes[0]) == .refused(.wrong))
        #expect(try spend(codes[1].uppercased().filter { $0 != "-" }) == .accepted(remaining: 8))
        #expect(try spend(" " + codes[2].split(separator: "-").joined(separator: " ")) == .accepted(remaining: 7))
        #expect(try scene.notices(.recovery) == 3)
        #expect(try scene.events().filter { $0 == "authn_recovery_code_used" }.count == 3)
    }

    @Test("Two hundred post one code at once: one of them gets in")
    func parallel() throws {
        let code = try make()[0]
        let (scene, account) = (scene, try scene.account())
        let outcomes = try inParallel(200) { _ in
            try scene.store.write {
                try scene.recovery.spend(code, of: account, in: $0, at: scene.now, from: "192.0.2.7")
            }
        }
        #expect(outcomes.filter { $0 == .accepted(remaining: 9) }.count == 1)
    }

    @Test("New codes make the old ones worthless, and so does losing the secret they stand in for")
    func replaced() throws {
        let old = try make()
        let new = try make()
        #expect(try spend(old[0]) == .refused(.wrong))
        #expect(try spend(new[0]) == .accepted(remaining: 9))
        let account = try scene.account()
        #expect(try scene.store.write { try $0.clearSecret(account: account.id, generation: account.generation) })
        #expect(try scene.store.read { try $0.recoveryCodes(account: account.id) } == nil)
        #expect(try spend(new[1]) == .refused(.wrong))
    }

    @Test("Another account's code is worth nothing")
    func foreign() throws {
        let siti = try LoginScene.insert("siti", hash: nil, into: scene.fixture)
        try scene.give(siti, scene.secret)
        let code = try make()[0]
        let (recovery, now, account) = (scene.recovery, scene.now, try scene.account(siti))
        let outcome = try scene.store.write { try recovery.spend(code, of: account, in: $0, at: now, from: "x") }
        #expect(outcome == .refused(.wrong))
    }

    @Test("Wrong ones make one wait; what cannot be a code is not counted; a right one frees the authenticator too")
    func throttled() throws {
        let codes = try make()
        for nonsense in ["", "abc", "1111-1111-1111-111", String(repeating: "a", count: 500)] {
            #expect(try spend(nonsense) == .refused(.malformed))
        }
        for _ in 1...4 { #expect(try spend("aaaa-aaaa-aaaa-aaaa") == .refused(.wrong)) }
        #expect(try spend("aaaa-aaaa-aaaa-aaaa") == .refused(.wait(until: scene.now + .seconds(10))))
        #expect(try spend(codes[0]) == .refused(.wait(until: scene.now + .seconds(10))))
        for _ in 1...5 { _ = try scene.check("000000") }
        scene.clock.advance(.seconds(10))
        #expect(try spend(codes[0]) == .accepted(remaining: 9))
        #expect(try scene.store.read { try $0.failures(.code(scene.budi)) } == nil)
    }
}
