import Cryptography
import Domain
import HTTPServer
import Store
import Support
import Testing

@Suite("Activating and disabling TOTP")
struct TOTPTests {
    @Test("ENABLE TOTP, scan, LOGOUT, log in with the code: then it is active, and the QR code is gone for good")
    func activation() throws {
        let fixture = try PortalFixture(state: .none)
        let person = try PortalClient(fixture)
        #expect(try person.enter() == "/totp/enable")
        #expect(try person.get("/totp/enable").text.contains("ENABLE TOTP"))
        try person.post("/totp/enable")
        #expect(person.location == "/totp/enable")
        try person.get("/totp/enable")
        #expect(person.page.text.contains("<svg") && person.page.text.contains("LOGOUT"))
        let key = try person.key
        // Pressed again, in another tab, it changes nothing: the code that was scanned stays good.
        try person.post("/totp/enable")
        try person.get("/totp/enable")
        #expect(try person.key == key)
        try person.post("/logout")
        #expect(person.location == "/")
        #expect(person.cookies.isEmpty)

        #expect(try person.enter() == "/login/code")
        #expect(try person.get("/login/code").text.contains("/totp/enable"))
        try person.get("/totp/enable")
        #expect(try person.key == key)
        try person.get("/login/code")
        try person.post("/login/code", ["code": try fixture.scene.code(of: key)])
        #expect(person.location == "/home")
        #expect(try person.get("/totp/enable").headers["Location"] == "/home")
        #expect(try fixture.scene.account().totp == .active)
        #expect(try fixture.scene.notices(.activation) == 1)
        #expect(!(try fixture.temporary.dump().contains(key)))
    }

    @Test("Disabling takes password and code; the old secret is dead at once and every other session ended")
    func disabling() throws {
        let fixture = try PortalFixture()
        let other = try PortalClient(fixture)
        try other.logIn()
        fixture.scene.clock.advance(.seconds(30))
        let person = try PortalClient(fixture)
        try person.logIn()
        fixture.scene.clock.advance(.seconds(30))
        for (password, code) in [
            ("", try fixture.scene.code()), (LoginScene.password, ""), ("wrong", try fixture.scene.code()),
            (LoginScene.password, "000000"),
        ] {
            try person.get("/totp/disable")
            #expect(try person.post("/totp/disable", ["password": password, "code": code]).status == 422)
        }
        #expect(try fixture.scene.account().totp == .active)
        let before = PortalClient(copying: person)
        try person.get("/totp/disable")
        try person.post("/totp/disable", ["password": LoginScene.password, "code": try fixture.scene.code()])
        #expect(person.location == "/totp/enable")
        #expect(try fixture.scene.account().totp == .none)
        #expect(try fixture.scene.notices(.disabling) == 1)
        #expect(try other.get("/home").headers["Location"] == "/login")
        #expect(try before.get("/home").headers["Location"] == "/login")
        // Only a new activation leads on, under the labels of the guide's third chapter.
        #expect(try person.get("/totp/enable").text.contains(">Enable TOTP<"))
        try person.post("/totp/enable")
        try person.get("/totp/enable")
        #expect(person.page.text.contains(">Logout<"))
        let fresh = try person.key
        try person.post("/logout")
        fixture.scene.clock.advance(.seconds(30))
        #expect(try person.enter() == "/login/code")
        try person.get("/login/code")
        #expect(try person.post("/login/code", ["code": try fixture.scene.code()]).status == 422)
        try person.get("/login/code")
        try person.post("/login/code", ["code": try fixture.scene.code(of: fresh)])
        #expect(person.location == "/home")
    }

    @Test("The code that logged one in does not disable TOTP as well")
    func sameCode() throws {
        let fixture = try PortalFixture()
        let person = try PortalClient(fixture)
        try person.logIn()
        try person.get("/totp/disable")
        let response = try person.post(
            "/totp/disable", ["password": LoginScene.password, "code": try fixture.scene.code()])
        #expect(response.status == 422)
        #expect(response.text.contains("30 detik"))
        #expect(try fixture.scene.account().totp == .active)
    }

    @Test("A reset by mail ends every session and leads to a new activation")
    func reset() throws {
        let fixture = try PortalFixture()
        let person = try PortalClient(fixture)
        try person.logIn()
        let (desk, links) = (
            ResetConfirmation(links: ResetLinks(key: PortalFixture.key)), ResetLinks(key: PortalFixture.key)
        )
        let (now, account) = (fixture.scene.now, try fixture.scene.account())
        let request = ResetRequest(
            id: Base64URL.encode([UInt8](repeating: 3, count: 16)), account: account.id, generation: account.generation,
            job: 1, state: .open, requestedAt: now, expiresAt: now + .minutes(30), address: nil)
        try fixture.temporary.database.write { transaction in
            try transaction.open(request, at: now)
            _ = try desk.confirm(links.token(for: request), in: transaction, at: now, from: "192.0.2.1")
        }
        #expect(try person.get("/home").headers["Location"] == "/login")
        #expect(try person.enter() == "/totp/enable")
    }
}
