import Foundation
import Glibc
import Support
import Testing

/// The first command of the README.
@Suite(.serialized)
struct DemoTests {
    private func folders() throws -> Set<String> {
        Set(
            try FileManager.default.contentsOfDirectory(atPath: NSTemporaryDirectory()).filter {
                $0.hasPrefix("pulih-demo-")
            })
    }

    @Test("The demo says where to click, delivers a mail to its inbox, and Ctrl-C leaves nothing behind")
    func whole() throws {
        let before = try folders()
        let ports = try FreePort.adjacent(6)
        let (port, next, application) = (ports[0], ports[1], ports[3])
        let binary = try Binary.path(named: "pulih")
        let demo = try Subprocess(binary, ["demo", "--port", "\(port.number)"])
        let file = try demo.waitForLine(timeout: .seconds(30), matching: #/--config (\S+)/#).1
        for sign in [
            "127.0.0.1:\(port.number)/reset", "127.0.0.1:\(next.number)/inbox", "budi@example.org",
            "sari@example.org", "http://127.0.0.1:\(application.number)/",
        ] {
            #expect(demo.text(.output).contains(sign))
        }
        // The code it shows is the one an authenticator shows for the secret beside it.
        let row = try #require(demo.lines.first { $0.text.contains("budi@example.org") })
        let words = row.text.split(separator: " ").map(String.init)
        let now = Date()
        let codes = try [-30.0, 0].map {
            try Oathtool.code(secretBase32: words[words.count - 1], at: now.addingTimeInterval($0))
        }
        #expect(codes.contains(words[words.count - 2]))

        let added = try Subprocess.run(
            binary,
            [
                "queue", "add", "--user-id", "budi", "--email", "budi@example.org", "--user-type", "penyedia",
                "--config", String(file),
            ])
        #expect(added.exit == .code(0))
        try demo.waitForLine { $0.contains("event=job.settled") && $0.contains("outcome=mailed") }
        let inbox = HTTPClient(port: next.number)
        #expect(try inbox.get("/inbox").text.contains("Konfirmasi Permintaan Reset TOTP"))
        #expect(try inbox.get("/").status == 200)

        // The application, a program of its own, has the same accounts.
        let visitor = ExampleClient(port: application.number)
        let password = try #require(words.firstIndex(of: "budi").map { words[$0 + 1] })
        #expect(try visitor.logIn("budi", password: password).header("Location") == "/login/code")
        let code = try Oathtool.code(secretBase32: words[words.count - 1], at: Date())
        #expect(try visitor.submit("/login/code", ["code": code]).header("Location") == "/")
        #expect(try visitor.client.get("/").text.contains("TOTP aktif"))
        try Subprocess.output(
            of: binary, ["user", "reset-totp", "budi", "--reason", "lost", "--config", String(file)])
        try Eventually.holds("the reset has ended the session", timeout: .seconds(20)) {
            try visitor.client.get("/").header("Location") == "/login"
        }

        // A taken port is a clear error, be it the first or the last.
        for start in [port.number, port.number - 5] {
            let second = try Subprocess.run(binary, ["demo", "--port", "\(start)"])
            #expect(second.exit == .code(1))
            #expect(second.error.contains("is in use by another program"))
        }

        demo.signal(SIGINT)
        #expect(try demo.waitForExit(timeout: .seconds(15)) == .code(0))
        #expect(try folders().subtracting(before).isEmpty)
    }

    @Test(
        "The notice board without a login: Pulih asks who it is and leads back; logged in at the portal it is open; logout"
    )
    func noticeBoard() throws {
        let before = try folders()
        let ports = try FreePort.adjacent(6)
        let demo = try Subprocess(try Binary.path(named: "pulih"), ["demo", "--port", "\(ports[0].number)"])
        try demo.waitForLine(timeout: .seconds(60)) { $0.contains("Ctrl-C ends the demo") }
        let (portal, host) = ("http://127.0.0.1:\(ports[0].number)", "papan.localhost:\(ports[4].number)")
        #expect(demo.text(.output).contains("Notice board http://\(host)/"))
        let row = try #require(demo.lines.first { $0.text.contains("budi@example.org") })
        let words = row.text.split(separator: " ").map(String.init)
        var phone = AuthenticatorApp(secret: words[words.count - 1])
        let browser = try WebDriver()
        let hand = PageUser(browser: browser, tool: .mouse)
        func logIn() throws {
            try hand.fill("#user_id", "User ID", with: "budi")
            try hand.press("form button", "Login")
            try browser.waitUntil("the password is asked for") { try $0.find("h1").text == "Form Login 2" }
            try hand.fill("#password", "Password", with: words[1])
            try hand.press("form button", "Login")
            try browser.waitUntil("the code is asked for") { try $0.find("h1").text == "Input Kode TOTP" }
            try hand.fill("#code", "Kode TOTP", with: try phone.code())
            try hand.press("form button", "Login")
        }

        // Everybody sees the public page; the board leads to the login of the portal, and back.
        try browser.navigate(to: "http://\(host)/tentang")
        #expect(try browser.find("h1").text == "Tentang papan ini")
        try hand.press("main a", "Ke papan pengumuman")
        try browser.waitUntil("the login is shown") { try $0.find("h1").text == "Form Login 1" }
        #expect(try browser.currentURL.hasPrefix(portal))
        #expect(try browser.find(".entering").text == "Anda masuk ke: Papan Pengumuman")
        try logIn()
        try browser.waitUntil("the board is shown") { try $0.currentURL == "http://\(host)/" }
        #expect(
            try browser.find("main p").text == "Anda masuk sebagai budi (penyedia) dengan password dan kode TOTP.")
        try hand.fill("#text", "Pengumuman baru", with: "Rapat <b>Senin</b>")
        try hand.press("form button", "Pasang")
        #expect(try browser.waitUntil(appears: "article p").text == "Rapat <b>Senin</b>")
        #expect(try Axe.violations(browser) == [])

        // Its logout is that of the portal. Whoever is logged in there enters the board unasked.
        try hand.press("header a", "Keluar")
        try browser.waitUntil("the portal is shown") { try $0.currentURL == "\(portal)/" }
        try browser.navigate(to: "http://\(host)/")
        try browser.waitUntil("the login is shown") { try $0.find("h1").text == "Form Login 1" }
        try browser.navigate(to: "\(portal)/login")
        try logIn()
        try browser.waitUntil("Beranda is shown") { try $0.find("h1").text == "Beranda" }
        try hand.press("main a", "Papan Pengumuman")
        #expect(try browser.waitUntil(appears: "article small").text.hasPrefix("budi, "))
        #expect(try browser.consoleMessages() == [])

        // Without the login's cookie no name that a browser gives opens it.
        let stranger = [("Host", host), ("Accept", "text/html"), ("Remote-User", "budi"), ("Origin", "http://\(host)")]
        let client = HTTPClient(port: ports[4].number)
        #expect(
            try client.get("/", headers: stranger).header("Location") == "http://\(host)/.pulih/start?rd=%2F")
        #expect(try client.post("/", form: [("text", "x")], headers: stranger).status == 401)
        #expect(try !client.get("/tentang", headers: stranger).text.contains("Keluar"))

        demo.signal(SIGINT)
        #expect(try demo.waitForExit(timeout: .seconds(15)) == .code(0))
        #expect(try folders().subtracting(before).isEmpty)
        for port in ports { #expect(try !port.hasListener, "\(port.number)") }
    }
}
