import Cryptography
import Domain
import Support
import Testing

/// What the store notes of changes that end or alter a login, for those who remember whom they let in.
@Suite("Changes of sessions are noted, whoever makes them")
struct ApplicationLoginStoreTests {
    private let scene: LoginScene
    private let session: LoginSession

    init() throws {
        let scene = try LoginScene()
        self.scene = scene
        let (sessions, budi, now) = (scene.sessions, scene.budi, scene.now)
        session = try scene.store.write { transaction in
            let token = try sessions.open(
                account: budi, factor: .totp, in: transaction, at: now, from: LoginScene.origin())
            guard let session = try sessions.session(token.text, in: transaction, at: now) else {
                throw SupportFailure("no session")
            }
            try transaction.insertApplicationLogin(
                application: "papan", host: "papan.example.org", session: session.id, digest: [1], at: now)
            return session
        }
    }

    /// The sessions that are noted as changed by what `body` does.
    private func noted(_ body: @escaping @Sendable (any WriteTransaction) throws -> Void) throws -> Set<Int64> {
        let before = try scene.store.read { try $0.sessionChanges(after: nil) }
        #expect(before.sessions.isEmpty)
        try scene.store.write(body)
        let after = try scene.store.read { try $0.sessionChanges(after: before.last) }
        #expect(after.last >= before.last)
        return Set(after.sessions)
    }

    @Test("A new token, an end, and what happens to the account")
    func changes() throws {
        let (scene, session, id) = (scene, session, session.id)
        #expect(
            try noted {
                _ = try scene.sessions.upgrade(
                    session, to: .disabled, in: $0, at: scene.now, from: LoginScene.origin())
            } == [id])
        #expect(try scene.store.read { try $0.applicationLogin(digest: [1]) } == nil, "it hung on the old token")
        let deactivate = AccountChange.isActive(false)
        let account = try scene.account()
        #expect(
            try noted { _ = try deactivate.apply(to: account, in: $0, at: scene.now, by: "operator:x") } == [id])
    }

    @Test("Also what another program does to the tables")
    func foreignHands() throws {
        for sql in [
            "UPDATE account SET user_type = 'non-penyedia';", "DELETE FROM application_session;",
            "DELETE FROM session;",
        ] {
            let before = try scene.store.read { try $0.sessionChanges(after: nil) }
            try scene.fixture.execute(sql)
            let after = try scene.store.read { try $0.sessionChanges(after: before.last) }
            #expect(Set(after.sessions) == [session.id], "\(sql)")
        }
    }

    @Test("A use of a session and a new login change nothing for those who are in")
    func unchanged() throws {
        let (scene, id) = (scene, session.id)
        #expect(try noted { try $0.touch(session: id, at: scene.now + .minutes(1)) } == [])
        #expect(
            try noted {
                _ = try scene.sessions.open(
                    account: scene.budi, factor: .totp, in: $0, at: scene.now, from: LoginScene.origin())
            } == [])
    }

    @Test("The notes of a day and more ago are pruned, and numbers go on")
    func pruning() throws {
        let (scene, id) = (scene, session.id)
        _ = try noted { _ = try $0.endSession(id, at: scene.now) }
        let last = try scene.store.read { try $0.sessionChanges(after: nil) }.last
        let later = Instant(milliseconds: 4_102_444_800_000)
        _ = try scene.store.write { try $0.prune(finishedBefore: scene.now, limit: 100, at: later) }
        let rest = try scene.store.read { try $0.sessionChanges(after: 0) }
        #expect(rest.sessions.isEmpty)
        #expect(try scene.store.read { try $0.sessionChanges(after: last) }.sessions.isEmpty)
    }
}
