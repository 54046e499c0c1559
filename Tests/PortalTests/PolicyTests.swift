import Domain
import HTTPServer
import Store
import Support
import Testing

@Suite("The policy that asks for TOTP or does not")
struct PolicyTests {
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

    @Test("TOTP prepared while the policy is off becomes active at the first login that asks; no page says otherwise")
    func prepared() throws {
        let house = try PortalHouse(standing: .none)
        try house.setPolicy(false)
        let person = try Person(house)
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
        try house.setPolicy(true)
        #expect(try person.get("/home").headers["Location"] == "/login/code")
        #expect(try person.get("/totp/enable").text.contains("Login kembali"))
        try person.get("/login/code")
        try person.post("/login/code", ["code": try house.scene.code(of: key)])
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
}
