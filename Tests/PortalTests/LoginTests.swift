import Domain
import HTTPServer
import Store
import Support
import Testing

@Suite("Logging in")
struct LoginTests {
    private let fixture: PortalFixture
    private let person: PortalClient

    init() throws {
        fixture = try PortalFixture()
        person = try PortalClient(fixture)
    }

    @Test("LOGIN, User ID, password, code, Beranda; each elevation gives a new cookie and kills the old one")
    func whole() throws {
        try person.get("/")
        #expect(person.page.text.contains("LOGIN") && person.page.text.contains("PENYEDIA ATAU NON PENYEDIA"))
        #expect(try person.enter() == "/login/code")
        #expect(person.cookies.keys.sorted() == ["__Host-pulih"])
        let thief = PortalClient(copying: person)
        try person.get("/login/code")
        try person.post("/login/code", ["code": try fixture.scene.code()])
        #expect(person.location == "/home")
        #expect(person.cookies != thief.cookies)
        #expect(try person.get("/home").status == 200)
        #expect(try thief.get("/home").headers["Location"] == "/login")
        #expect(
            try fixture.scene.events() == ["authn_password_success", "authn_login_success"])
    }

    @Test("Cookies are __Host-, Secure, HttpOnly and SameSite, without a Domain")
    func cookies() throws {
        try person.get("/login")
        for (path, fields) in [
            ("/login", ["user_id": "budi", "user_type": "penyedia"]),
            ("/login/password", ["password": LoginScene.password]),
        ] {
            try person.get(path)
            let response = try person.post(path, fields)
            let set = response.headers.values("Set-Cookie").filter { !$0.contains("Max-Age=0") }
            #expect(set.count == 1)
            for cookie in set {
                #expect(cookie.hasPrefix("__Host-pulih"))
                for part in ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"] { #expect(cookie.contains(part)) }
                #expect(!cookie.contains("Domain"))
            }
        }
    }

    @Test("Unknown User ID, wrong password, wrong user type: the same pages, words and status")
    func alike() throws {
        var answers: Set<String> = []
        for (userID, type, password) in [
            ("budi", "penyedia", "wrong"), ("bima", "penyedia", "wrong"), ("budi", "non-penyedia", LoginScene.password),
        ] {
            let person = try PortalClient(fixture)
            try person.get("/login")
            try person.post("/login", ["user_id": userID, "user_type": type])
            #expect(person.location == "/login/password")
            try person.get("/login/password")
            let response = try person.post("/login/password", ["password": password])
            #expect(response.status == 422)
            answers.insert(
                response.text.replacing(userID, with: "?").replacing(/name="csrf" value="[^"]+"/, with: ""))
        }
        #expect(answers.count == 1)
    }

    @Test("Spaces around a pasted User ID are no mistake; an impossible one is told at once")
    func userID() throws {
        try person.get("/login")
        try person.post("/login", ["user_id": "  budi ", "user_type": "penyedia"])
        #expect(person.location == "/login/password")
        for (userID, type) in [("", "penyedia"), ("bu di", "penyedia"), ("budi", ""), ("budi", "admin")] {
            let person = try PortalClient(fixture)
            try person.get("/login")
            #expect(try person.post("/login", ["user_id": userID, "user_type": type]).status == 422)
            #expect(person.cookies.isEmpty)
        }
    }

    @Test("\"Reset TOTP?\" takes the User ID along, and nothing that could be misread")
    func toReset() throws {
        try person.get("/login")
        try person.post("/login", ["user_id": "budi", "user_type": "penyedia", "reset": "1"])
        #expect(person.location == "/reset?user_id=budi")
        #expect(try person.get("/reset?user_id=budi").text.contains("value=\"budi\""))
        try person.get("/login")
        try person.post("/login", ["user_id": "a&b=c", "user_type": "penyedia", "reset": "1"])
        #expect(person.location == "/reset")
    }

    @Test("Anything but six digits is told kindly, and costs no attempt")
    func kindly() throws {
        try person.enter()
        for typed in ["123 45", "12345", "", "abcdef"] {
            try person.get("/login/code")
            let response = try person.post("/login/code", ["code": typed])
            #expect(response.status == 422)
            #expect(response.text.contains("aria-invalid=\"true\""))
        }
        #expect(try person.post("/login/code", ["code": "123 45"]).text.contains("boleh dengan spasi"))
        #expect(try fixture.temporary.database.read { try $0.failures(.code(fixture.scene.budi)) } == nil)
    }

    @Test("Wrong codes bring a countdown, and no cookie, new session or password shortens it")
    func countdown() throws {
        try person.enter()
        for _ in 1...5 {
            try person.get("/login/code")
            try person.post("/login/code", ["code": "000000"])
        }
        #expect(person.page.status == 429)
        #expect(person.page.headers["Retry-After"] == "10")
        #expect(person.page.text.contains("data-countdown=\"10\""))
        let again = try PortalClient(fixture)
        try again.enter()
        try again.get("/login/code")
        #expect(try again.post("/login/code", ["code": try fixture.scene.code()]).status == 429)
        fixture.scene.clock.advance(.seconds(10))
        try again.get("/login/code")
        try again.post("/login/code", ["code": try fixture.scene.code()])
        #expect(again.location == "/home")
    }

    @Test("A code that got one session in gets no other in")
    func replay() throws {
        let code = try fixture.scene.code()
        let other = try PortalClient(fixture)
        for one in [person, other] {
            try one.enter()
            try one.get("/login/code")
        }
        try person.post("/login/code", ["code": code])
        #expect(person.location == "/home")
        #expect(try other.post("/login/code", ["code": code]).status == 422)
        #expect(other.page.text.contains("30 detik"))
    }

    @Test("A form without its token, or with another visitor's, does nothing")
    func tokens() throws {
        try person.enter()
        try person.get("/login/code")
        let other = try PortalClient(fixture)
        try other.enter()
        try other.get("/login/code")
        for token in ["", "1.x", other.csrf] {
            #expect(try person.post("/login/code", ["code": try fixture.scene.code()], token: token).status == 403)
        }
        try person.get("/login/code")
        try person.post("/login/code", ["code": try fixture.scene.code()])
        #expect(person.location == "/home")
    }

    @Test("A session ends when it is idle, and the login page says so")
    func idle() throws {
        try person.logIn()
        fixture.scene.clock.advance(.minutes(29))
        #expect(try person.get("/home").status == 200)
        fixture.scene.clock.advance(.minutes(30))
        #expect(try person.get("/home").headers["Location"] == "/login")
        #expect(try person.get("/login").text.contains("Sesi Anda telah berakhir"))
        #expect(person.cookies.isEmpty)
    }

    @Test("A password that cannot be judged now says so, and what was typed counts for nothing")
    func busy() throws {
        try person.get("/login")
        try person.post("/login", ["user_id": "budi", "user_type": "penyedia"])
        try person.get("/login/password")
        fixture.scene.passwords.becomeBusy()
        #expect(try person.post("/login/password", ["password": LoginScene.password]).status == 503)
        fixture.scene.passwords.becomeBusy(false)
        try person.get("/login/password")
        try person.post("/login/password", ["password": LoginScene.password])
        #expect(person.location == "/login/code")
    }
}
