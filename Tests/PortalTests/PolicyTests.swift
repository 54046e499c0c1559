import Domain
import HTTPServer
import Store
import Support
import Testing

@Suite("The policy that asks for TOTP or does not")
struct PolicyTests {
    @Test("While the policy is off the password is enough; when it turns on, running sessions are asked for the code")
    func policy() throws {
        let fixture = try PortalFixture()
        try fixture.setPolicy(false)
        let person = try PortalClient(fixture)
        #expect(try person.enter() == "/home")
        #expect(try person.get("/home").status == 200)
        try fixture.setPolicy(true, scope: "penyedia")
        #expect(try person.get("/home").headers["Location"] == "/login/code")
        try person.get("/login/code")
        try person.post("/login/code", ["code": try fixture.scene.code()])
        #expect(person.location == "/home")
    }

    @Test("TOTP prepared while the policy is off becomes active at the first login that asks; no page says otherwise")
    func prepared() throws {
        let fixture = try PortalFixture(state: .none)
        try fixture.setPolicy(false)
        let person = try PortalClient(fixture)
        #expect(try person.enter() == "/home")
        for label in ["ENABLE TOTP", "LOGOUT"] {
            #expect(try person.get("/totp/enable").text.contains(label))
            #expect(person.page.text.contains("TOTP aktif pada login pertama yang meminta"))
            #expect(!person.page.text.contains("Login kembali"))
            #expect(person.page.text.contains("href=\"/home\""))
            try person.post("/totp/enable")
        }
        try person.get("/totp/enable")
        let key = try person.key
        #expect(try person.get("/home").text.contains("TOTP yang Anda siapkan aktif pada login pertama"))
        try fixture.setPolicy(true)
        #expect(try person.get("/home").headers["Location"] == "/login/code")
        #expect(try person.get("/totp/enable").text.contains("Login kembali"))
        try person.get("/login/code")
        try person.post("/login/code", ["code": try fixture.scene.code(of: key)])
        #expect(person.location == "/home")
    }

    @Test("A coming date is announced on the first page and at login, and holds from then on")
    func announced() throws {
        let fixture = try PortalFixture()
        try fixture.setPolicy(false)
        try fixture.setPolicy(true, from: fixture.scene.now + .days(3))
        let person = try PortalClient(fixture)
        for page in ["/", "/login"] {
            #expect(try person.get(page).text.contains("26 November 2026"), "\(page)")
        }
        #expect(try person.enter() == "/home")
        fixture.scene.clock.advance(.days(3))
        #expect(try !person.get("/login").text.contains("26 November 2026"))
        #expect(try person.enter() == "/login/code")
    }
}
