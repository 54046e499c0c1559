import Cryptography
import Domain
import HTTPServer
import Store
import Support
import Testing

@Suite("Activating and disabling TOTP")
struct TOTPTests {
    /// The manual key on the page, as an app would be told it.
    private func key(_ person: Person) throws -> String {
        try #require(person.page.text.firstMatch(of: /secret=([A-Z2-7]+)/).map { String($0.1) })
    }

    private func code(_ key: String, _ house: PortalHouse) throws -> String {
        let secret = try #require(TOTPSecret(bytes: Base32.decode(key) ?? []))
        let step = TOTP.step(at: house.scene.now.milliseconds, period: 30)
        return TOTP.code(secret: secret, parameters: .standard, step: step)
    }

    @Test("ENABLE TOTP, scan, LOGOUT, log in with the code: then it is active, and the QR code is gone for good")
    func activation() throws {
        let house = try PortalHouse(standing: .none)
        let person = try Person(house)
        #expect(try person.enter() == "/totp/enable")
        #expect(try person.get("/totp/enable").text.contains("ENABLE TOTP"))
        try person.post("/totp/enable")
        #expect(person.location == "/totp/enable")
        try person.get("/totp/enable")
        #expect(person.page.text.contains("<svg") && person.page.text.contains("LOGOUT"))
        let key = try key(person)
        // Pressed again, in another tab, it changes nothing: the code that was scanned stays good.
        try person.post("/totp/enable")
        try person.get("/totp/enable")
        #expect(try self.key(person) == key)
        try person.post("/logout")
        #expect(person.location == "/")
        #expect(person.cookies.isEmpty)

        #expect(try person.enter() == "/login/code")
        #expect(try person.get("/login/code").text.contains("/totp/enable"))
        try person.get("/totp/enable")
        #expect(try self.key(person) == key)
        try person.get("/login/code")
        try person.post("/login/code", ["code": try code(key, house)])
        #expect(person.location == "/home")
        #expect(try person.get("/totp/enable").headers["Location"] == "/home")
        #expect(try house.scene.account().totp == .active)
        #expect(try house.scene.notices(.activation) == 1)
        #expect(!(try house.store.dump().contains(key)))
    }

    @Test("Disabling takes password and code; the old secret is dead at once and every other session ended")
    func disabling() throws {
        let house = try PortalHouse()
        let other = try Person(house)
        try other.logIn()
        house.scene.clock.advance(.seconds(30))
        let person = try Person(house)
        try person.logIn()
        house.scene.clock.advance(.seconds(30))
        for (password, code) in [
            ("", try house.scene.code()), (LoginScene.password, ""), ("wrong", try house.scene.code()),
            (LoginScene.password, "000000"),
        ] {
            try person.get("/totp/disable")
            #expect(try person.post("/totp/disable", ["password": password, "code": code]).status == 422)
        }
        #expect(try house.scene.account().totp == .active)
        let before = Person(copying: person)
        try person.get("/totp/disable")
        try person.post("/totp/disable", ["password": LoginScene.password, "code": try house.scene.code()])
        #expect(person.location == "/totp/enable")
        #expect(try house.scene.account().totp == .none)
        #expect(try house.scene.notices(.disabling) == 1)
        #expect(try other.get("/home").headers["Location"] == "/login")
        #expect(try before.get("/home").headers["Location"] == "/login")
        // Only a new activation leads on, under the labels of the guide's third chapter.
        #expect(try person.get("/totp/enable").text.contains(">Enable TOTP<"))
        try person.post("/totp/enable")
        try person.get("/totp/enable")
        #expect(person.page.text.contains(">Logout<"))
        let fresh = try key(person)
        try person.post("/logout")
        house.scene.clock.advance(.seconds(30))
        #expect(try person.enter() == "/login/code")
        try person.get("/login/code")
        #expect(try person.post("/login/code", ["code": try house.scene.code()]).status == 422)
        try person.get("/login/code")
        try person.post("/login/code", ["code": try code(fresh, house)])
        #expect(person.location == "/home")
    }

    @Test("The code that logged one in does not disable TOTP as well")
    func sameCode() throws {
        let house = try PortalHouse()
        let person = try Person(house)
        try person.logIn()
        try person.get("/totp/disable")
        let response = try person.post(
            "/totp/disable", ["password": LoginScene.password, "code": try house.scene.code()])
        #expect(response.status == 422)
        #expect(response.text.contains("30 detik"))
        #expect(try house.scene.account().totp == .active)
    }

    @Test("A reset by mail ends every session and leads to a new activation")
    func reset() throws {
        let house = try PortalHouse()
        let person = try Person(house)
        try person.logIn()
        let (desk, links) = (ResetDesk(links: ResetLinks(key: PortalHouse.key)), ResetLinks(key: PortalHouse.key))
        let (now, account) = (house.scene.now, try house.scene.account())
        let request = ResetRequest(
            id: Base64URL.encode([UInt8](repeating: 3, count: 16)), account: account.id, generation: account.generation,
            job: 1, state: .open, requestedAt: now, expiresAt: now + .minutes(30), address: nil)
        try house.store.database.write { store in
            try store.open(request, at: now)
            _ = try desk.confirm(links.token(for: request), in: store, at: now, from: "192.0.2.1")
        }
        #expect(try person.get("/home").headers["Location"] == "/login")
        #expect(try person.enter() == "/totp/enable")
    }

    @Test("While the policy is off the password is enough; when it turns on, running sessions are asked for the code")
    func policy() throws {
        let house = try PortalHouse()
        try house.setPolicy(false)
        let person = try Person(house)
        #expect(try person.enter() == "/home")
        #expect(try person.get("/home").status == 200)
        try house.setPolicy(true, scope: "penyedia")
        #expect(try person.get("/home").headers["Location"] == "/login/code")
        try person.get("/login/code")
        try person.post("/login/code", ["code": try house.scene.code()])
        #expect(person.location == "/home")
    }

    @Test("A coming date is announced on the first page and at login, and holds from then on")
    func announced() throws {
        let house = try PortalHouse()
        try house.setPolicy(false)
        try house.setPolicy(true, from: house.scene.now + .days(3))
        let person = try Person(house)
        for page in ["/", "/login"] {
            #expect(try person.get(page).text.contains("26 November 2026"), "\(page)")
        }
        #expect(try person.enter() == "/home")
        house.scene.clock.advance(.days(3))
        #expect(try !person.get("/login").text.contains("26 November 2026"))
        #expect(try person.enter() == "/login/code")
    }

    @Test("One's sessions are listed and ended, one's own and nobody else's")
    func sessions() throws {
        let house = try PortalHouse()
        let first = try Person(house)
        try first.logIn()
        house.scene.clock.advance(.seconds(30))
        let second = try Person(house)
        try second.logIn()
        let siti = try LoginScene.insert("siti", hash: nil, into: house.store)
        let (sessions, now) = (house.scene.sessions, house.scene.now)
        let hers = try house.store.database.write {
            try sessions.open(account: siti, factor: .totp, in: $0, at: now, from: LoginScene.origin())
        }
        let herID = try #require(
            try house.store.database.read { try sessions.session(hers.text, in: $0, at: now)?.id })
        try second.get("/sessions")
        try second.post("/sessions", ["session": "\(herID)"])
        #expect(try house.store.database.read { try sessions.session(hers.text, in: $0, at: now) } != nil)
        try second.get("/sessions")
        try second.post("/sessions", ["others": "1"])
        #expect(try first.get("/home").headers["Location"] == "/login")
        #expect(try second.get("/home").status == 200)
        try second.get("/sessions")
        let own = try #require(second.page.text.firstMatch(of: /name="session" value="(\d+)"/))
        try second.post("/sessions", ["session": String(own.1)])
        #expect(second.cookies.isEmpty)
        #expect(try house.store.database.read { try sessions.session(hers.text, in: $0, at: now) } != nil)
    }
}
