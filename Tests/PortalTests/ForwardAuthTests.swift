import Cryptography
import Domain
import Foundation
import HTTPServer
import Support
import Testing

@Suite("Forward auth: applications behind a proxy that asks")
struct ForwardAuthTests {
    private let applicant: Applicant
    private var fixture: PortalFixture { applicant.fixture }

    init() throws { applicant = try Applicant() }

    @Test("A page load is sent to log in, comes back to the very address, and the proxy is told who it is")
    func wholeWay() throws {
        let target = "/pesanan/42?urut=baru&q=a%20b+c%26d"
        try applicant.verify(target)
        #expect(applicant.page.status == 401)
        #expect(
            applicant.location == "https://katalog.example.org/.pulih/start?rd=\(PercentEncoding.encode(target))")
        let login = try applicant.setOut(target)
        #expect(login.hasPrefix("/login?next="))

        // The login's own pages, step by step; each says what it is for.
        let portal = applicant.portal
        try portal.get(login)
        #expect(portal.page.text.contains("Anda masuk ke: e-Katalog"))
        let query = String(login.dropFirst("/login".count))
        #expect(portal.page.text.contains("action=\"/login\(query)\""))
        #expect(
            portal.page.headers["Content-Security-Policy"]?.contains(
                "form-action 'self' https://katalog.example.org https://katalog.example.org:8443;") == true)
        try portal.post(login, ["user_id": "budi", "user_type": "penyedia,non-penyedia"])
        #expect(portal.location == "/login/password\(query)")
        try portal.get("/login/password\(query)")
        #expect(portal.page.text.contains("Anda masuk ke: e-Katalog"))
        try portal.post("/login/password\(query)", ["password": LoginScene.password])
        #expect(portal.location == "/login/code\(query)")
        try portal.get("/login/code\(query)")
        #expect(portal.page.text.contains("Anda masuk ke: e-Katalog"))
        try portal.post("/login/code\(query)", ["code": try fixture.scene.code()])
        try portal.get(try #require(portal.location))
        try applicant.comeBack(to: try #require(portal.location))

        #expect(applicant.location == "https://katalog.example.org\(target)")
        try applicant.verify(target)
        #expect(applicant.page.status == 200)
        #expect(applicant.page.headers["Remote-User"] == "budi")
        #expect(applicant.page.headers["Remote-Email"] == "budi@example.org")
        #expect(applicant.page.headers["Remote-Groups"] == "penyedia")
        #expect(applicant.page.headers["X-Pulih-Factor"] == "totp")
        #expect(try fixture.scene.events().contains("authn_application_login"))
    }

    @Test("Only a page load of GET is sent to log in; what else came is refused, a form with a sentence")
    func otherRequests() throws {
        let form = try applicant.verify(
            "/pesanan", method: "POST", ["Referer": "https://katalog.example.org/pesanan/baru"])
        #expect(form.status == 401)
        #expect(applicant.location.isEmpty)
        #expect(form.text.contains("Formulir Anda di e-Katalog tidak terkirim"))
        #expect(form.text.contains("/.pulih/start?rd=%2Fpesanan%2Fbaru"))
        let background: [[String: String]] = [
            ["Accept": "application/json"], ["Sec-Fetch-Mode": "cors"], ["X-Requested-With": "XMLHttpRequest"],
            ["Upgrade": "websocket", "Accept": "*/*"], ["Sec-Fetch-Mode": "websocket"],
        ]
        for headers in background {
            #expect(try applicant.verify("/data", headers).status == 401)
            #expect(applicant.location.isEmpty)
        }
        for method in ["PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"] {
            #expect(try applicant.verify("/", method: method).status == 401)
            #expect(applicant.location.isEmpty)
        }
    }

    @Test("A host that is no application's is told nothing, and another host's cookie is worth nothing")
    func hosts() throws {
        for host in [
            "", "example.org", "katalog.example.org:80", "katalog.example.org.", "katalog.example.org@evil.example",
        ] {
            #expect(try applicant.verify(at: host).status == 403, "\(host)")
        }
        try applicant.enter()
        #expect(try applicant.verify().status == 200)
        let cookie = applicant.cookies["katalog.example.org"] ?? [:]
        for host in ["katalog.example.org:8443", "arsip.example.org", "info.example.org"] {
            applicant.cookies[host] = cookie
            #expect(try applicant.verify(at: host).status == 401, "\(host)")
        }
        // Host names have no case.
        applicant.cookies["KATALOG.example.org"] = cookie
        #expect(try applicant.verify(at: "KATALOG.example.org").status == 200)
    }

    @Test("A user type that has nothing to do there is refused at the portal, and 403 when it had a login")
    func userTypes() throws {
        let portal = applicant.portal
        try portal.logIn()
        _ = try applicant.setOut(at: "jurnal.example.org")
        #expect(portal.page.status == 403)
        #expect(portal.page.text.contains("Akun Anda tidak dapat membuka Jurnal"))
        #expect(try fixture.scene.events().contains("authn_application_login_fail"))

        try fixture.temporary.execute("UPDATE account SET user_type = 'non-penyedia';")
        try applicant.enter(at: "jurnal.example.org")
        #expect(try applicant.verify(at: "jurnal.example.org").status == 200)
        try fixture.temporary.execute("UPDATE account SET user_type = 'penyedia';")
        let refused = try applicant.verify(at: "jurnal.example.org")
        #expect(refused.status == 403)
        #expect(refused.text.contains("Ganti akun"))
        #expect(refused.headers["Remote-User"] == nil)
    }

    @Test("Public paths need no login, and no spelling widens them")
    func publicPaths() throws {
        for path in ["/bantuan", "/bantuan/", "/bantuan/1/gambar.png?besar=1"] {
            #expect(try applicant.verify(path).status == 200, "\(path)")
            #expect(applicant.page.headers["Remote-User"] == nil)
        }
        let others = [
            "/", "/bantuanku", "/bantuan/../admin", "/bantuan/%2e%2e/admin", "/bantuan//admin", "/bantuan/./x",
            "/bantuan%2f..%2fadmin", "/bantuan\\..\\admin", "/Bantuan", "//bantuan", "/bantuan;x=/../admin",
        ]
        for path in others { #expect(try applicant.verify(path).status == 401, "\(path)") }
        try applicant.enter()
        #expect(try applicant.verify("/bantuan").headers["Remote-User"] == "budi")
    }

    @Test(
        "Logout, reset, disabling, deactivation and the list of sessions end it at the next request",
        arguments: ["logout", "host logout", "reset", "deactivation", "end", "idle", "total", "disabling"])
    func ends(_ how: String) throws {
        try applicant.enter()
        let portal = applicant.portal
        #expect(try applicant.verify().status == 200)
        let store = fixture.scene.store
        switch how {
        case "logout":
            try portal.get("/home")
            try portal.post("/logout")
        case "host logout":
            try applicant.send(.get, "/.pulih/logout")
            #expect(applicant.page.text.contains("Keluar dari e-Katalog?"))
            let policy = applicant.page.headers["Content-Security-Policy"] ?? ""
            #expect(policy.contains("form-action 'self' https://otp.example.org;"))
            #expect(try applicant.verify().status == 200)
            try applicant.send(.get, "/.pulih/logout", ["Sec-Fetch-Site": "same-origin"])
            #expect(applicant.location == "https://otp.example.org/")
        case "reset":
            let (account, now) = (try fixture.scene.account(), fixture.scene.now)
            _ = try store.write {
                try Enrollment.reset(
                    account, in: $0, at: now, by: "operator:x", from: nil, place: "x", why: "x")
            }
        case "deactivation": try fixture.temporary.execute("UPDATE account SET active = 0;")
        case "end":
            let (id, session) = (fixture.scene.budi, try store.read { try $0.sessions(account: fixture.scene.budi)[0] })
            _ = try store.write { try $0.endSessions(account: id, except: session.id + 1, at: session.seenAt) }
        case "idle": fixture.scene.clock.advance(.minutes(31))
        case "total":
            for _ in 0..<30 {
                fixture.scene.clock.advance(.minutes(25))
                try applicant.verify()
            }
        default:
            // The next time step: a code works once.
            fixture.scene.clock.advance(.seconds(30))
            try portal.get("/totp/disable")
            try portal.post(
                "/totp/disable", ["password": LoginScene.password, "code": try fixture.scene.code()])
            #expect(portal.location == "/totp/enable")
        }
        #expect(try applicant.verify().status == 401)
    }

    @Test("What the policy or the application asks for decides at every request")
    func factors() throws {
        let now = fixture.scene.now
        let off = PolicyRule(scope: nil, requiresTOTP: false, from: now, madeAt: now)
        try fixture.scene.store.write { try $0.addPolicyRule(off, by: "operator") }
        let portal = applicant.portal
        #expect(try portal.enter() == "/home")
        try applicant.comeBack(to: try applicant.setOut())
        #expect(try applicant.verify().headers["X-Pulih-Factor"] == "password")
        // This one asks for a code whatever the policy says.
        let question = try applicant.setOut(at: "arsip.example.org")
        #expect(question.hasPrefix("/login/code?next="))
        try portal.get(question)
        try portal.post(question, ["code": try fixture.scene.code()])
        try portal.get(try #require(portal.location))
        try applicant.comeBack(to: try #require(portal.location), at: "arsip.example.org")
        #expect(try applicant.verify(at: "arsip.example.org").headers["X-Pulih-Factor"] == "totp")
        // The step up gave the session a new token: what hung on the old one is asked for again, without a question.
        #expect(try applicant.verify().status == 401)
        try applicant.comeBack(to: try applicant.setOut())
        #expect(try applicant.verify().headers["X-Pulih-Factor"] == "totp")
    }

    @Test("An application that needs no more than the password gets no more, and the policy ends the others at once")
    func passwordOnly() throws {
        let portal = applicant.portal
        let way = try applicant.setOut(at: "info.example.org")
        let query = String(way.dropFirst("/login".count))
        try portal.get(way)
        try portal.post(way, ["user_id": "budi", "user_type": "penyedia,non-penyedia"])
        try portal.get("/login/password\(query)")
        try portal.post("/login/password\(query)", ["password": LoginScene.password])
        try portal.get(try #require(portal.location))
        try applicant.comeBack(to: try #require(portal.location), at: "info.example.org")
        #expect(try applicant.verify(at: "info.example.org").headers["X-Pulih-Factor"] == "password")
        #expect(try applicant.setOut().hasPrefix("/login/code?next="))
        try portal.get("/home")
        #expect(portal.location == "/login/code")
    }

    @Test("An absolute address of the host itself is as good as its path; one that is too long leads to the start page")
    func ownTargets() throws {
        let pairs = [
            ("https://katalog.example.org/a?b=c", "/a?b=c"), ("https://katalog.example.org", "/"),
            ("https://katalog.example.org?x", "/?x"), ("/a//b", "/a//b"), ("/", "/"),
            ("/" + String(repeating: "x", count: 2000), "/"),
            ("/?u=https://evil.example/", "/?u=https://evil.example/"),
        ]
        try applicant.portal.logIn()
        for (asked, reached) in pairs {
            try applicant.comeBack(to: try applicant.setOut(asked))
            #expect(applicant.location == "https://katalog.example.org\(reached)")
        }
    }

    @Test("Two tabs that set out together both arrive")
    func tabs() throws {
        try applicant.portal.logIn()
        let first = try applicant.setOut("/satu")
        let second = try applicant.setOut("/dua")
        try applicant.comeBack(to: first)
        #expect(applicant.location.hasSuffix("/satu"))
        try applicant.comeBack(to: second)
        #expect(applicant.location.hasSuffix("/dua"))
        #expect(try applicant.verify().status == 200)
    }

    @Test("A session is noted as in use once a minute, not at every request")
    func touches() throws {
        try applicant.enter()
        let (store, id) = (fixture.scene.store, fixture.scene.budi)
        func seen() throws -> Instant { try store.read { try $0.sessions(account: id)[0].seenAt } }
        let before = try seen()
        fixture.scene.clock.advance(.seconds(30))
        try applicant.verify()
        #expect(try seen() == before)
        fixture.scene.clock.advance(.seconds(31))
        try applicant.verify()
        #expect(try seen() == fixture.scene.now)
    }

    @Test("Beranda names the applications that one may open, and the list of sessions where one is logged in")
    func lists() throws {
        try applicant.enter()
        try applicant.portal.get("/home")
        let page = applicant.portal.page.text
        #expect(page.contains("<a class=\"button button-plain\" href=\"https://katalog.example.org/\">e-Katalog</a>"))
        #expect(!page.contains("Jurnal"))
        try applicant.portal.get("/sessions")
        #expect(applicant.portal.page.text.contains("<dt>Aplikasi</dt><dd>e-Katalog</dd>"))
    }

    @Test("Somebody who must activate TOTP first comes to the application by it")
    func enrolment() throws {
        let applicant = try Applicant(state: .none)
        let portal = applicant.portal
        let way = try applicant.setOut("/x")
        let query = String(way.dropFirst("/login".count))
        func password() throws {
            try portal.get(way)
            try portal.post(way, ["user_id": "budi", "user_type": "penyedia,non-penyedia"])
            try portal.get("/login/password\(query)")
            try portal.post("/login/password\(query)", ["password": LoginScene.password])
        }
        try password()
        #expect(portal.location == "/totp/enable\(query)")
        try portal.get("/totp/enable\(query)")
        try portal.post("/totp/enable\(query)")
        #expect(portal.location == "/totp/enable\(query)")
        try portal.get("/totp/enable\(query)")
        let key = try portal.key
        try portal.post("/logout\(query)")
        #expect(portal.location == way)
        try password()
        #expect(portal.location == "/login/code\(query)")
        try portal.get("/login/code\(query)")
        try portal.post("/login/code\(query)", ["code": try applicant.fixture.scene.code(of: key)])
        try portal.get(try #require(portal.location))
        try applicant.comeBack(to: try #require(portal.location))
        #expect(applicant.location == "https://katalog.example.org/x")
    }
}
