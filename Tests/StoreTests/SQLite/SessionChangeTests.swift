import Domain
import Support
import Testing

/// Changes of sessions that did not come through our own transactions.
@Suite("What another program does to sessions is noted too")
struct SessionChangeTests {
    @Test(
        "In accounts, in logins at applications, in sessions",
        arguments: [
            "UPDATE account SET user_type = 'non-penyedia';", "DELETE FROM application_session;",
            "DELETE FROM session;", "DELETE FROM account;",
        ])
    func noted(sql: String) throws {
        let scene = try LoginScene()
        let (sessions, budi, now) = (scene.sessions, scene.budi, scene.now)
        try scene.store.write { transaction in
            _ = try sessions.open(account: budi, factor: .totp, in: transaction, at: now, from: LoginScene.origin())
            let session = try transaction.sessions(account: budi)[0].id
            try transaction.insertApplicationLogin(
                application: "papan", host: "papan.example.org", session: session, digest: [1], at: now)
        }
        let session = try scene.store.read { try $0.sessions(account: budi)[0].id }
        let before = try scene.store.read { try $0.sessionChanges(after: nil) }
        try scene.fixture.execute("PRAGMA foreign_keys = ON; \(sql)")
        let after = try scene.store.read { try $0.sessionChanges(after: before.last) }
        #expect(Set(after.sessions) == [session])
    }
}
