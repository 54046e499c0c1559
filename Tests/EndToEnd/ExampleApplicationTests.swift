import Domain
import Foundation
import Glibc
import Support
import Testing

/// The example application as people meet it: real browser, real mail server, real processes of both.
@Suite(.serialized)
struct ExampleApplicationTests {
    /// A person at the application's pages.
    private struct Visitor {
        let browser: WebDriver
        let example: ExampleApplication

        func logIn(_ userID: String = "budi") throws {
            try browser.navigate(to: "\(example.url)/login")
            try browser.find("#user_id").type(userID)
            try browser.find("#password").type(Installation.password)
            try press("Login")
        }

        func press(_ button: String) throws { try browser.find("button", text: button).click() }

        func enter(code: String, _ button: String = "Login") throws {
            try browser.find("#code").type(code)
            try press(button)
        }

        /// Waits for the page with this heading, which a phone has room for and everybody can use.
        func see(_ heading: String) throws {
            try browser.waitUntil("the page is “\(heading)”", selector: "h1") { try $0.find("h1").text == heading }
            let isTooWide = try browser.executeScript("return document.documentElement.scrollWidth > innerWidth")
            #expect(isTooWide.bool == false, "\(heading)")
            let found = try Axe.violations(browser)
            #expect(found.isEmpty, "\(heading): \(found)")
        }

        func problem() throws -> String { try browser.waitUntil(appears: "#problem").text }
    }

    @Test("Login with a code; the phone is lost; mail, link, webhook; login without a code; TOTP enabled again")
    func wholeWay() throws {
        let example = try ExampleApplication()
        let installation = example.installation
        let service = try installation.start()
        try example.take(over: Installation.budi)
        let application = try example.start()
        let browser = try WebDriver(WebDriver.Options(width: 320, height: 700))
        let visitor = Visitor(browser: browser, example: example)
        var phone = AuthenticatorApp(secret: Installation.secret)

        try visitor.logIn()
        try visitor.see("Kode TOTP")
        try visitor.enter(code: "12345")
        #expect(try visitor.problem() == "Masukkan semua angka kode seperti yang tampil di aplikasi 2FA.")
        let code = try phone.code()
        try visitor.enter(code: "\(code.prefix(3)) \(code.suffix(3))")
        try visitor.see("Beranda")
        #expect(try browser.find("#totp").text == "TOTP aktif.")
        let cookie = try #require(try browser.cookies.first)
        #expect(cookie.isHTTPOnly && cookie.sameSite == "Lax" && cookie.name == "session")
        #expect(try !example.dump().joined().contains(cookie.value))

        // A code lets in once.
        try visitor.press("LOGOUT")
        try visitor.see("Login")
        try visitor.logIn()
        try visitor.see("Kode TOTP")
        try visitor.enter(code: code)
        #expect(try visitor.problem().hasPrefix("Kode ini sudah dipakai. Tunggu kode berikutnya"))

        // The phone is lost.
        try browser.find("a[href='/reset']").click()
        try visitor.see("Reset TOTP")
        try browser.find("#user_id").type("Budi")
        try browser.find("#email").type("budi@example.org")
        try visitor.press("Kirim")
        try visitor.see("Periksa email Anda")
        let mail = try installation.resetMail(to: Installation.budi)
        try browser.navigate(to: try installation.link(in: mail))
        try browser.find("button[popovertarget]:not([popovertargetaction])").click()
        try browser.waitUntil(appears: "[popover]").find("form button").click()
        try browser.waitUntil("TOTP is reset") { try $0.find("h1").text == "TOTP Berhasil di Reset" }
        try Eventually.holds("the application is told\n\(service.transcript)", timeout: .seconds(20)) {
            try example.rows("SELECT has_totp FROM user") == ["0"]
        }
        #expect(try example.rows("SELECT user_id, type FROM history") == ["budi|totp.reset"])
        #expect(try example.rows("SELECT count(*) FROM session") == ["0"], "who came in with the old phone is out")

        try visitor.logIn()
        try visitor.see("Beranda")
        #expect(try browser.find("#totp").text == "TOTP belum aktif.")
        #expect(try browser.find("li").text.hasPrefix("TOTP di-reset"))

        // The new phone.
        try visitor.press("ENABLE TOTP")
        try visitor.see("Aktifkan TOTP")
        let secret = try browser.find("code").text.replacing(" ", with: "")
        try browser.screenshot(to: installation.folder.file("enable.png"))
        let scanned = try Zbar.read(png: installation.folder.file("enable.png"))
        #expect(
            scanned.count == 1 && scanned[0].hasPrefix("otpauth://totp/") && scanned[0].contains("secret=\(secret)"))
        #expect(secret != Installation.secret)
        phone = AuthenticatorApp(secret: secret)
        try visitor.enter(code: "12345", "Aktifkan")
        #expect(try visitor.problem().hasPrefix("Masukkan semua angka"))
        #expect(try browser.find("code").text.replacing(" ", with: "") == secret, "what was scanned stays good")
        try visitor.enter(code: try phone.code(), "Aktifkan")
        try visitor.see("TOTP telah aktif")
        try Eventually.holds("the application is told", timeout: .seconds(20)) {
            try example.rows("SELECT has_totp FROM user") == ["1"]
        }
        try browser.find("a[href='/']").click()
        try visitor.see("Beranda")
        #expect(try browser.find("#totp").text == "TOTP aktif.")
        try visitor.press("LOGOUT")
        try visitor.see("Login")
        try visitor.logIn()
        try visitor.see("Kode TOTP")
        try visitor.enter(code: try phone.code())
        try visitor.see("Beranda")
        #expect(try browser.consoleMessages().filter { !$0.contains("422") } == [])

        let log = application.transcript
        #expect(!log.contains(secret) && !log.contains("Traceback"), "\(log)")
        try service.stop(timeout: .seconds(20))
    }

    @Test("Nobody comes in while Pulih gives no answer, and everybody after")
    func unavailable() throws {
        let example = try ExampleApplication()
        let installation = example.installation
        let service = try installation.start()
        try example.take(over: Installation.budi, Installation.citra)
        let application = try example.start()
        let (budi, citra) = (ExampleClient(example), ExampleClient(example))
        #expect(try budi.logIn("budi").header("Location") == "/login/code")
        try service.stop(timeout: .seconds(20))

        // After the password, and before it; with TOTP in use, and without.
        let code = try Oathtool.code(secretBase32: Installation.secret, at: Date())
        let answers = [
            try budi.submit("/login/code", ["code": code]), try citra.logIn("citra"),
            try ExampleClient(example).submit(
                "/reset", ["user_id": "budi", "email": "budi@example.org", "user_type": "penyedia"], page: "/reset"),
        ]
        for answer in answers {
            #expect(answer.status == 503)
            #expect(answer.text.contains("Verifikasi sedang tidak tersedia"))
        }
        #expect(try example.rows("SELECT stage FROM session") == ["code"])
        #expect(try budi.client.get("/").header("Location") == "/login/code")
        #expect(try citra.client.get("/").header("Location") == "/login")

        let again = try installation.start()
        #expect(try budi.submit("/login/code", ["code": code]).header("Location") == "/")
        #expect(try citra.logIn("citra").header("Location") == "/")

        // A key that is good no longer is no answer either.
        let key = try installation.folder.read("application.key").trimmed
        try installation.succeed("application", "revoke-key", key)
        #expect(try ExampleClient(example).logIn("citra").status == 503)
        #expect(!application.transcript.contains(key))
        try again.stop(timeout: .seconds(20))
    }

    @Test("Wrong passwords, forms of others, and what is asked for twice")
    func forms() throws {
        let example = try ExampleApplication()
        let installation = example.installation
        let service = try installation.start()
        try example.take(over: Installation.budi)
        let application = try example.start()
        let visitor = ExampleClient(example)
        let texts = try ["budi", "nobody"].map { userID in
            let answer = try visitor.logIn(userID, password: "salah")
            #expect(answer.status == 422)
            return answer.text.replacingOccurrences(of: userID, with: "")
        }
        #expect(texts[0] == texts[1], "nobody learns who has an account")
        #expect(try visitor.client.post("/login", form: [("user_id", "budi")]).status == 403)
        #expect(try visitor.submit("/login", ["user_id": "budi", "csrf": "0"], page: "/login").status == 403)
        let markup = try visitor.logIn("<b>\"", password: "x")
        #expect(markup.text.contains("&lt;b&gt;&quot;") && !markup.text.contains("<b>\""))
        let policy = try #require(markup.header("Content-Security-Policy"))
        #expect(policy.contains("default-src 'none'") && markup.header("Cache-Control") == "no-store")
        // With the password alone nothing but the code is open, and the cookie of before is worth nothing.
        let before = visitor.client.cookies
        #expect(try visitor.logIn("budi").header("Location") == "/login/code")
        #expect(visitor.client.cookies != before)
        #expect(try visitor.submit("/totp/enable", [:], page: "/login/code").header("Location") == "/login/code")
        #expect(try visitor.client.get("/nothing").status == 404)

        // The same answer whatever the data; a form that is sent twice mails once.
        let client = ExampleClient(example)
        var form = try client.fields(of: "/reset")
        form.merge(["user_id": "budi", "email": "budi@example.org", "user_type": "penyedia"]) { $1 }
        let right = try client.client.post("/reset", form: form.map { ($0, $1) })
        let twice = try client.client.post("/reset", form: form.map { ($0, $1) })
        for change in [
            ("email", "else@example.org"), ("user_id", "nobody"), ("user_type", "nothing"), ("email", ""),
        ] {
            let other = form.merging([change.0: change.1]) { $1 }
            let answer = try client.client.post("/reset", form: other.map { ($0, $1) })
            #expect(answer.status == 200 && answer.text == right.text, "\(change)")
        }
        #expect(right.status == 200 && twice.text == right.text)
        _ = try installation.resetMail(to: Installation.budi)
        try Eventually.holds("all requests are done", timeout: .seconds(20)) {
            try installation.jobs().allSatisfy { $0.state == "done" }
        }
        #expect(try installation.jobs().filter { $0.kind == "reset-request" && $0.outcome == "mailed" }.count == 1)
        #expect(!application.transcript.contains("Traceback"), "\(application.transcript)")
        try service.stop(timeout: .seconds(20))
    }
}

/// A browser's bare bones at the application's pages.
struct ExampleClient {
    let client: HTTPClient

    init(port: UInt16) { client = HTTPClient(port: port) }

    init(_ example: ExampleApplication) { self.init(port: example.port.number) }

    func logIn(_ userID: String, password: String = Installation.password) throws -> HTTPAnswer {
        try submit("/login", ["user_id": userID, "password": password], page: "/login")
    }

    /// Fills in the form of a page, its own by default.
    func submit(_ target: String, _ values: [String: String], page: String? = nil) throws -> HTTPAnswer {
        let fields = try fields(of: page ?? target).merging(values) { $1 }
        return try client.post(target, form: fields.map { ($0, $1) })
    }

    /// The hidden fields of a page.
    func fields(of page: String) throws -> [String: String] {
        let text = try client.get(page).text
        let matches = text.matches(of: /<input type="hidden" name="([a-z]+)" value="([^"]*)">/)
        return Dictionary(matches.map { (String($0.output.1), String($0.output.2)) }) { first, _ in first }
    }
}
