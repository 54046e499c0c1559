import Domain
import Support
import Testing

/// What the store notes of changes that end or alter a login, for those who remember whom they let in.
@Suite("Changes of sessions are noted")
struct ApplicationLoginStoreTests {
    /// Somebody who is logged in at the portal and at an application.
    private struct Login {
        let scene: LoginScene
        let session: LoginSession
    }

    private func login(on engine: TestEngine) throws -> Login {
        let scene = try LoginScene(on: engine)
        let (sessions, budi, now) = (scene.sessions, scene.budi, scene.now)
        let session = try scene.store.write { transaction in
            let token = try sessions.open(
                account: budi, factor: .totp, in: transaction, at: now, from: LoginScene.origin())
            guard let session = try sessions.session(token.text, in: transaction, at: now) else {
                throw SupportFailure("no session")
            }
            try transaction.insertApplicationLogin(
                application: "papan", host: "papan.example.org", session: session.id, digest: [1], at: now)
            return session
        }
        return Login(scene: scene, session: session)
    }

    /// The sessions that are noted as changed by what `body` does.
    private func noted(
        _ scene: LoginScene, _ body: @escaping @Sendable (any WriteTransaction) throws -> Void
    ) throws -> Set<Int64> {
        let before = try scene.store.read { try $0.sessionChanges(after: nil) }
        #expect(before.sessions.isEmpty)
        try scene.store.write(body)
        let after = try scene.store.read { try $0.sessionChanges(after: before.last) }
        #expect(after.last >= before.last)
        return Set(after.sessions)
    }

    @Test("A new token, an end, and what happens to the account", arguments: TestEngine.allCases)
    func changes(engine: TestEngine) throws {
        let login = try login(on: engine)
        let (scene, session, id) = (login.scene, login.session, login.session.id)
        #expect(
            try noted(scene) {
                _ = try scene.sessions.upgrade(
                    session, to: .disabled, in: $0, at: scene.now, from: LoginScene.origin())
            } == [id])
        #expect(try scene.store.read { try $0.applicationLogin(digest: [1]) } == nil, "it hung on the old token")
        let deactivate = AccountChange.isActive(false)
        let account = try scene.account()
        #expect(
            try noted(scene) { _ = try deactivate.apply(to: account, in: $0, at: scene.now, by: "operator:x") } == [id])
    }

    @Test(
        "A use of a session and a new login change nothing for those who are in", arguments: TestEngine.allCases)
    func unchanged(engine: TestEngine) throws {
        let login = try login(on: engine)
        let (scene, id) = (login.scene, login.session.id)
        #expect(try noted(scene) { try $0.touch(session: id, at: scene.now + .minutes(1)) } == [])
        #expect(
            try noted(scene) {
                _ = try scene.sessions.open(
                    account: scene.budi, factor: .totp, in: $0, at: scene.now, from: LoginScene.origin())
            } == [])
    }

    @Test("The notes of a day and more ago are pruned, and numbers go on", arguments: TestEngine.allCases)
    func pruning(engine: TestEngine) throws {
        let login = try login(on: engine)
        let (scene, id) = (login.scene, login.session.id)
        _ = try noted(scene) { _ = try $0.endSession(id, at: scene.now) }
        let last = try scene.store.read { try $0.sessionChanges(after: nil) }.last
        let later = Instant(milliseconds: 4_102_444_800_000)
        _ = try scene.store.write { try $0.prune(finishedBefore: scene.now, limit: 100, at: later) }
        let rest = try scene.store.read { try $0.sessionChanges(after: 0) }
        #expect(rest.sessions.isEmpty)
        #expect(try scene.store.read { try $0.sessionChanges(after: last) }.sessions.isEmpty)
    }
}
