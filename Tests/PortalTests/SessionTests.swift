import Domain
import HTTPServer
import Store
import Support
import Testing

@Suite("One's own sessions")
struct SessionTests {
    @Test("One's sessions are listed and ended, one's own and nobody else's")
    func sessions() throws {
        let fixture = try PortalFixture()
        let first = try PortalClient(fixture)
        try first.logIn()
        fixture.scene.clock.advance(.seconds(30))
        let second = try PortalClient(fixture)
        try second.logIn()
        let siti = try LoginScene.insert("siti", hash: nil, into: fixture.temporary)
        let (sessions, now) = (fixture.scene.sessions, fixture.scene.now)
        let hers = try fixture.temporary.database.write {
            try sessions.open(account: siti, factor: .totp, in: $0, at: now, from: LoginScene.origin())
        }
        let herID = try #require(
            try fixture.temporary.database.read { try sessions.session(hers.text, in: $0, at: now)?.id })
        try second.get("/sessions")
        try second.post("/sessions", ["session": "\(herID)"])
        #expect(try fixture.temporary.database.read { try sessions.session(hers.text, in: $0, at: now) } != nil)
        try second.get("/sessions")
        try second.post("/sessions", ["others": "1"])
        #expect(try first.get("/home").headers["Location"] == "/login")
        #expect(try second.get("/home").status == 200)
        try second.get("/sessions")
        let own = try #require(second.page.text.firstMatch(of: /name="session" value="(\d+)"/))
        try second.post("/sessions", ["session": String(own.1)])
        #expect(second.cookies.isEmpty)
        #expect(try fixture.temporary.database.read { try sessions.session(hers.text, in: $0, at: now) } != nil)
    }
}
