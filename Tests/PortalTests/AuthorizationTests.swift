import Domain
import Foundation
import HTTPServer
import Support
import Testing

/// Applications that log in by OpenID Connect, as the portal's pages see them.
@Suite("Authorization: applications that log in by OpenID Connect")
struct AuthorizationTests {
    private static let redirectURI = "https://katalog.example.org/callback"
    private static let applications = [
        Application(
            id: "e-katalog", name: "e-Katalog", userTypes: ["penyedia"],
            client: OpenIDClient(
                redirectURIs: [redirectURI], logoutURI: "https://katalog.example.org/logout", isConfidential: true)),
        Application(
            id: "jurnal", name: "Jurnal", userTypes: ["non-penyedia"],
            client: OpenIDClient(redirectURIs: ["https://jurnal.example.org/"], isConfidential: false)),
    ]

    private let fixture: PortalFixture
    private let browser: PortalClient

    init() throws {
        fixture = try PortalFixture(applications: Self.applications)
        browser = try PortalClient(fixture)
    }

    private func address(_ changes: [String: String?] = [:], more: String = "") -> String {
        let standard: [String: String?] = [
            "client_id": "e-katalog", "redirect_uri": Self.redirectURI, "response_type": "code", "scope": "openid",
            "state": "s\u{e9} &", "code_challenge": OpenIDScene.challenge, "code_challenge_method": "S256",
        ]
        let fields = standard.merging(changes) { $1 }.sorted { $0.key < $1.key }
        return RedirectURI.adding(fields.map { ($0.key, $0.value) }, to: "/oauth2/authorize") + more
    }

    /// The fields of an answer at the application's address.
    private func answer(_ location: String?, at redirectURI: String = redirectURI) throws -> [String: String] {
        let location = try #require(location)
        try #require(location.hasPrefix(redirectURI + "?"), "\(location)")
        let items = URLComponents(string: location)?.queryItems ?? []
        return Dictionary(items.map { ($0.name, $0.value ?? "") }) { _, last in last }
    }

    /// From the first page of a login to the application's address.
    private func logIn(from login: String?, userID: String = "budi") throws -> String? {
        let login = try #require(login)
        let query = String(try #require(login.split(separator: "?").last).prefix { $0 != "&" })
        try browser.get(login)
        try browser.post("/login?\(query)", ["user_id": userID, "user_type": "penyedia,non-penyedia"])
        try browser.get(try #require(browser.location))
        try browser.post("/login/password?\(query)", ["password": LoginScene.password])
        if browser.location == "/login/code?\(query)" {
            try browser.get("/login/code?\(query)")
            try browser.post("/login/code?\(query)", ["code": try fixture.scene.code()])
        }
        return try browser.get(try #require(browser.location)).headers["Location"]
    }

    private func subject() throws -> String {
        try #require(try fixture.scene.store.read { try $0.subject(account: fixture.scene.budi) })
    }

    @Test("An application sends somebody to log in, who comes back with a code")
    func wholeWay() throws {
        let login = try browser.get(address(["login_hint": "budi"])).headers["Location"]
        #expect(login?.hasPrefix("/login?next=") == true)
        try browser.get(try #require(login))
        #expect(browser.page.text.contains("Anda masuk ke: e-Katalog") && browser.page.text.contains("value=\"budi\""))
        let fields = try answer(try logIn(from: login))
        #expect(fields["state"] == "s\u{e9} &" && fields["iss"] == "https://otp.example.org")
        #expect(fields["code"]?.utf8.count == 43 && fields["error"] == nil)
        // The next application asks nothing any more.
        #expect(try answer(browser.get(address()).headers["Location"])["code"] != nil)
        #expect(browser.page.headers["Cache-Control"] == "no-store")
        #expect(try fixture.scene.events().filter { $0 == "authn_application_code" }.count == 2)
    }

    @Test("prompt=none asks nobody anything")
    func silent() throws {
        let first = try answer(try browser.get(address(["prompt": "none"])).headers["Location"])
        #expect(first["error"] == "login_required" && first["state"] != nil && first["iss"] != nil)
        try browser.logIn()
        #expect(try answer(try browser.get(address(["prompt": "none"])).headers["Location"])["code"] != nil)
        let aged = address(["prompt": "none", "max_age": "0"])
        fixture.scene.clock.advance(.seconds(1))
        #expect(try answer(try browser.get(aged).headers["Location"])["error"] == "login_required")
    }

    @Test("prompt and max_age ask for the password again, and once", arguments: ["login", "select_account", "max_age"])
    func again(how: String) throws {
        try browser.logIn()
        let session = try fixture.scene.store.read { try $0.sessions(account: fixture.scene.budi)[0] }
        fixture.scene.clock.advance(.seconds(31))
        let asked = address(how == "max_age" ? ["max_age": "30"] : ["prompt": how])
        let login = try browser.get(asked).headers["Location"]
        #expect(login?.hasPrefix("/login?next=") == true)
        let fields = try answer(try logIn(from: login))
        #expect(fields["code"] != nil)
        // It is the same login, begun anew: what hangs on it stays.
        let renewed = try fixture.scene.store.read { try $0.sessions(account: fixture.scene.budi) }
        #expect(renewed.map(\.publicID) == [session.publicID] && renewed[0].startedAt > session.startedAt)
        // Asked anew it asks again: an old way back is worth nothing for another request.
        let next = try #require(login?.split(separator: "?").last)
        fixture.scene.clock.advance(.seconds(31))
        let other = address(how == "max_age" ? ["max_age": "30", "state": "x"] : ["prompt": how, "state": "x"])
        #expect(try browser.get("\(other)&\(next)").headers["Location"]?.hasPrefix("/login?next=") == true)
    }

    @Test("id_token_hint names who may log in")
    func hint() throws {
        try browser.logIn()
        #expect(try answer(try browser.get(address()).headers["Location"])["code"] != nil)
        let mine = "e-katalog/\(try subject())/x"
        #expect(try answer(try browser.get(address(["id_token_hint": mine])).headers["Location"])["code"] != nil)
        let others = address(["id_token_hint": "e-katalog/somebody/x"])
        fixture.scene.clock.advance(.seconds(1))
        let silent = try browser.get(others + "&prompt=none").headers["Location"]
        #expect(try answer(silent)["error"] == "login_required")
        // Whoever then logs in must be the one.
        fixture.scene.clock.advance(.seconds(31))
        let login = try browser.get(others).headers["Location"]
        #expect(login?.hasPrefix("/login?next=") == true)
        #expect(try answer(try logIn(from: login))["error"] == "login_required")
        for bad in ["x", "jurnal/\(try subject())/x"] {
            let told = try answer(try browser.get(address(["id_token_hint": bad])).headers["Location"])
            #expect(told["error"] == "invalid_request")
        }
    }

    @Test(
        "Where client and address are not proven a page says so, and nobody is sent anywhere",
        arguments: [
            ["client_id": nil], ["client_id": "nobody"], ["redirect_uri": nil],
            ["redirect_uri": "https://evil.test/"], ["redirect_uri": "https://katalog.example.org@evil.test/callback"],
            ["redirect_uri": redirectURI + "#x"], ["redirect_uri": "//evil.test"], ["client_id": "jurnal"],
        ] as [[String: String?]])
    func untrusted(changes: [String: String?]) throws {
        try browser.logIn()
        for language in ["id", "en"] {
            let page = try browser.get(address(changes) + "&lang=\(language)")
            #expect(page.status == 400 && page.headers["Location"] == nil)
            #expect(page.text.contains("lang=\"\(language)\"") && !page.text.contains("href=\"https://evil"))
        }
        #expect(try fixture.scene.events().last == "authn_application_login_fail")
        let twice = try browser.get(address() + "&redirect_uri=https%3A%2F%2Fevil.test%2F")
        #expect(twice.status == 400 && twice.headers["Location"] == nil)
    }

    @Test("Whose user type has nothing to do there reads so, and a way back tells the application")
    func otherType() throws {
        try browser.logIn()
        let asked = address(["client_id": "jurnal", "redirect_uri": "https://jurnal.example.org/"])
        let page = try browser.get(asked)
        #expect(page.status == 403 && page.text.contains("Aplikasi ini bukan untuk jenis user Anda"))
        #expect(page.text.contains("https://jurnal.example.org/?error=access_denied&amp;"))
        let silent = try browser.get(asked + "&prompt=none").headers["Location"]
        #expect(try answer(silent, at: "https://jurnal.example.org/")["error"] == "access_denied")
        #expect(try fixture.scene.events().last == "authn_application_login_fail")
    }

    @Test("A form of another site is asked again as an address")
    func form() throws {
        let body = String(address().dropFirst("/oauth2/authorize?".count))
        let answer = try fixture.send(.post, "/oauth2/authorize", ["Sec-Fetch-Site": "cross-site"], body: body)
        #expect(answer.status == 303)
        let asked = try #require(answer.headers["Location"])
        #expect(try browser.get(asked).headers["Location"]?.hasPrefix("/login?next=") == true)
        let long = try fixture.send(
            .post, "/oauth2/authorize",
            body: (0..<4).map { "a\($0)=\(String(repeating: "x", count: 4000))" }.joined(separator: "&"))
        #expect(long.status == 413)
    }

    @Test("The application's language is that of the pages, unless the person chose one")
    func language() throws {
        let asked = address(["ui_locales": "fr en-US"])
        let login = try #require(try browser.get(asked).headers["Location"])
        #expect(login.hasSuffix("&lang=en"))
        #expect(try browser.get(login).text.contains("You are logging in to: e-Katalog"))
        let other = try PortalClient(fixture)
        try other.get("/?lang=id")
        #expect(try other.get(asked).headers["Location"]?.contains("lang=") == false)
    }

    // MARK: - Logout

    private func signedIn() throws -> LoginSession {
        try browser.logIn()
        let code = try #require(try answer(try browser.get(address()).headers["Location"])["code"])
        let (scene, application) = (fixture.scene, Self.applications[0])
        let (now, grants) = (scene.now, OpenIDGrants(sessions: scene.sessions, random: scene.random))
        let outcome = try scene.store.write {
            try grants.redeem(
                code, verifier: OpenIDScene.verifier, redirectURI: Self.redirectURI, by: application, in: $0, at: now,
                from: "192.0.2.8")
        }
        return try #require(outcome.tokens).identity.session
    }

    private func sessions() throws -> Int {
        try fixture.scene.store.read { try $0.sessions(account: fixture.scene.budi).count }
    }

    private func notices() throws -> [LogoutNotice] {
        try fixture.scene.store.read { try $0.jobs(JobFilter(kind: "logout"), limit: 10) }
            .compactMap { $0.payload(as: LogoutNotice.self) }
    }

    @Test("The application logs out the login of its ID token at once, and is told so at its own address")
    func logout() throws {
        let session = try signedIn()
        let hint = "e-katalog/\(try subject())/\(session.publicID)"
        let target = "https://katalog.example.org/bye"
        let asked = RedirectURI.adding(
            [("id_token_hint", hint), ("post_logout_redirect_uri", target), ("state", "z")], to: "/oauth2/logout")
        #expect(try browser.get(asked).headers["Location"] == "\(target)?state=z")
        #expect(try sessions() == 0 && browser.cookies["__Host-pulih"] == nil)
        #expect(try notices().map(\.session) == [session.publicID] && notices().map(\.subject) == [subject()])
        // Once more nothing is there to end, and the way on is the same.
        #expect(try browser.get(asked).headers["Location"] == "\(target)?state=z")
        #expect(try notices().count == 1)
    }

    @Test("Without proof of the login a page asks; its button needs the form's token")
    func confirmation() throws {
        let session = try signedIn()
        let target = "https://katalog.example.org/bye"
        for fields in [
            [("client_id", "e-katalog"), ("post_logout_redirect_uri", target)], [],
            [("id_token_hint", "e-katalog/\(try subject())/another"), ("post_logout_redirect_uri", target)],
        ] as [[(name: String, value: String?)]] {
            let asked = RedirectURI.adding(fields, to: "/oauth2/logout")
            #expect(try browser.get(asked).status == 200 && browser.page.text.contains("Logout?"))
            #expect(try sessions() == 1)
            let forged = try browser.post(asked, token: "forged")
            #expect(try sessions() == 1 && forged.status == 403)
        }
        let asked = RedirectURI.adding(
            [("client_id", "e-katalog"), ("post_logout_redirect_uri", target)], to: "/oauth2/logout")
        try browser.get(asked)
        #expect(
            browser.page.headers["Content-Security-Policy"]?.contains("form-action 'self' https://katalog.example.org;")
                == true)
        #expect(try browser.post(asked).headers["Location"] == target)
        #expect(try sessions() == 0 && notices().map(\.session) == [session.publicID])
    }

    @Test(
        "A request for a logout that proves nothing changes nothing",
        arguments: [
            "post_logout_redirect_uri=https%3A%2F%2Fevil.test%2F&client_id=e-katalog",
            "post_logout_redirect_uri=https%3A%2F%2Fkatalog.example.org%2F", "id_token_hint=forged", "client_id=nobody",
            "client_id=e-katalog&client_id=jurnal",
        ])
    func forgedLogout(query: String) throws {
        _ = try signedIn()
        let page = try browser.get("/oauth2/logout?\(query)")
        #expect(page.status == 400 && page.headers["Location"] == nil)
        #expect(try sessions() == 1)
        let form = try fixture.send(.post, "/oauth2/logout", ["Sec-Fetch-Site": "cross-site"], body: query)
        #expect(form.status == 303 && form.headers["Location"] == "/oauth2/logout?\(query)")
    }

    @Test(
        "Every end of a login is told to the applications that it opened, and a renewal is none",
        arguments: [
            "portal", "list", "reset", "deactivation", "deletion", "renewal",
        ])
    func ends(how: String) throws {
        let session = try signedIn()
        let (scene, now) = (fixture.scene, fixture.scene.now)
        let account = try scene.account()
        switch how {
        case "portal":
            try browser.get("/home")
            try browser.post("/logout")
        case "list":
            try browser.get("/sessions")
            try browser.post("/sessions", ["session": "\(session.id)"])
        case "reset":
            try scene.store.write {
                _ = try Enrollment.reset(account, in: $0, at: now, by: "operator:x", from: nil, place: "x", why: "x")
            }
        case "deactivation":
            _ = try scene.store.write { try AccountChange.isActive(false).apply(to: account, in: $0, at: now, by: "x") }
        case "deletion": try scene.store.write { try $0.delete(account: account.id, at: now) }
        default:
            let sessions = scene.sessions
            try scene.store.write {
                _ = try sessions.restart(session, in: $0, at: now, from: LoginScene.origin())
            }
        }
        #expect(try notices().map(\.session) == (how == "renewal" ? [] : [session.publicID]))
    }
}
