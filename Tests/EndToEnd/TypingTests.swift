import Foundation
import Support
import Testing

/// People as they type, paste and click: a phone keyboard that begins with a capital and ends with a space, codes as apps
/// show them, links as mail programs hand them on.
@Suite(.serialized, .browser())
struct TypingTests {
    private let budi = Installation.budi

    @Test("A phone keyboard's capitals and spaces reach the mail, the link with a full stop behind it, and the login")
    func phoneKeyboard() throws {
        let installation = try Installation()
        let service = try installation.start()
        let browser = try #require(SuiteBrowser.current)
        try browser.forget()
        try browser.navigate(to: "\(installation.publicURL)/reset")
        let captcha = try #require(try browser.find("input[name=captcha]").attribute("value"))
        let code = try installation.code(ofCaptcha: captcha).lowercased()
        try browser.find("#user_id").type("Budi ")
        try browser.find("#email").type("Budi@Example.org ")
        try browser.find("#security_code").type(code.prefix(3) + " " + code.suffix(3))
        try browser.find("input[name=user_type][value=penyedia]").click()
        try browser.find("#security_code").type(Keyboard.enter)
        try browser.waitUntil("the request is sent") { try $0.currentURL == "\(installation.publicURL)/reset/sent" }
        let number = try browser.find("dl code").text
        #expect(number.wholeMatch(of: /[a-z2-7]{4}(-[a-z2-7]{4}){3}/) != nil)

        let link = try installation.link(in: try installation.resetMail(to: budi))
        #expect(try installation.succeed("queue", "list", "--request", number).contains("mailed"))
        try browser.navigate(to: "\(link).")
        #expect(try browser.currentURL == link)
        try browser.find("button[popovertarget]:not([popovertargetaction])").click()
        try browser.waitUntil(appears: "[popover]").find("form button").click()
        try browser.waitUntil("TOTP is reset") { try $0.find("h1").text == "TOTP Berhasil di Reset" }

        let moment = AuthenticatorApp(secret: Installation.secret)
        try logIn("SARI ", browser, installation)
        var phone = moment
        let shown = try phone.code()
        try browser.find("#code").type("\(shown.prefix(3)) \(shown.suffix(3)) ")
        try browser.find("#code").type(Keyboard.enter)
        try browser.waitUntil("Beranda") { try $0.currentURL == "\(installation.publicURL)/home" }
        #expect(try browser.find("dl").text.contains("sari"))
        try service.stop(timeout: .seconds(15))
    }

    private func logIn(_ userID: String, _ browser: WebDriver, _ installation: Installation) throws {
        try browser.navigate(to: "\(installation.publicURL)/login")
        try browser.find("#user_id").type(userID + Keyboard.enter)
        try browser.waitUntil(appears: "#password").type(Installation.password + Keyboard.enter)
        _ = try browser.waitUntil(appears: "#code")
    }

    @Test("What a mail program puts behind a link costs one redirect and nothing else; a link cut off says so")
    func links() throws {
        let installation = try Installation()
        let service = try installation.start("portal")
        let worker = try installation.start("worker")
        #expect(try installation.ask(for: budi).status == 303)
        let link = try installation.link(in: try installation.resetMail(to: budi))
        let path = String(link.dropFirst(installation.publicURL.count))
        let before = try installation.dump()
        let client = HTTPClient(port: installation.portal.number)
        let junk = [
            ".", ",", ")", "%3E", "%22", "%20", "%0A", "%0D%0A", "%00", "%ff", "%", "%E2%80%8B", "%E2%80%9D", "=3D",
            "=20", "/",
            "&gt;", "?utm_source=mail&x=%ff", "?fbclid=1", "/index.html",
        ]
        for rest in junk {
            for (address, clean) in [(path + rest, path), ("\(path)/cancel\(rest)", "\(path)/cancel")] {
                let answer = try client.get(address)
                #expect(answer.status == 303, "\(address)")
                #expect(answer.header("Location") == clean, "\(address)")
                #expect(try client.head(address).status == 303, "\(address)")
            }
        }
        #expect(try client.get("\(path).?lang=en").header("Location") == "\(path)?lang=en")
        #expect(try client.get("\(path)?lang=en").status == 200)
        for length in [10, 30, 60] {
            let cut = "/reset/\(path.dropFirst("/reset/".count).prefix(length))"
            #expect(try client.get(cut + "=").header("Location") == cut)
            let answer = try HTTPClient(port: installation.portal.number).get(cut)
            #expect(answer.status == 404)
            #expect(answer.text.contains("Tautan ini terpotong"))
        }
        #expect(try client.get(path + "A").status == 404)
        #expect(try client.get("/x%0A").status == 400)
        #expect(try installation.dump() == before, "GET and HEAD changed nothing")
        #expect(try client.get(path).status == 200)
        try worker.stop(timeout: .seconds(15))
        try service.stop(timeout: .seconds(15))
    }

    @Test("A helpdesk finds a request by its number, however it was read out, and why it was refused")
    func requestNumber() throws {
        let installation = try Installation()
        let service = try installation.start()
        let answer = try installation.ask(for: budi, changing: ["email": "other@example.org"])
        #expect(answer.header("Location") == "/reset/sent")
        let cookie = try #require(answer.header("Set-Cookie")?.prefix { $0 != ";" })
        let client = HTTPClient(port: installation.portal.number)
        let page = try client.get("/reset/sent", headers: [("Cookie", String(cookie))])
        let shown = try #require(page.text.firstMatch(of: /<code class="code">([a-z2-7-]+)</)).1
        #expect(try client.get("/reset/sent").status == 200, "also without the number")
        try Eventually.holds("the request is settled") { try installation.jobs().allSatisfy { $0.state == "done" } }
        for number in [String(shown), shown.uppercased(), shown.replacingOccurrences(of: "-", with: " ")] {
            let list = try installation.succeed("queue", "list", "--request", number)
            #expect(list.contains("email-mismatch"))
            #expect(list.contains("The e-mail address that was typed is not the registered one."))
        }
        #expect(try installation.succeed("queue", "list", "--request", "aaaa-aaaa-aaaa-aaaa").contains("No jobs."))
        let operations = HTTPClient(port: installation.operations.number)
        let found = try operations.get("/jobs?request=\(shown.uppercased())").text
        #expect(found.contains("Alamat email yang diketik bukan yang terdaftar."))
        #expect(try operations.get("/jobs/1?lang=en").text.contains("is not the registered one."))
        #expect(try operations.get("/api/v1/jobs?request=\(shown)").text.contains("\"explanation\""))
        try service.stop(timeout: .seconds(15))
    }

    @Test(
        "User IDs that older versions told apart by case: the service goes on, check names them, rename cures",
        .onSQLite)
    func ambiguousUserIDs() throws {
        let installation = try Installation()
        let database = installation.folder.file("pulih.db")
        let triggers = try Subprocess.output(
            of: "sqlite3",
            [database, "SELECT group_concat(sql, ';') || ';' FROM sqlite_master WHERE name LIKE 'account_user_key_%t'"])
        try Subprocess.output(
            of: "sqlite3",
            [
                database,
                "DROP TRIGGER account_user_key_insert; UPDATE account SET user_id = 'sariX' WHERE user_id = 'sari';"
                    + "INSERT INTO account (user_id, user_type, email, language, created_at) VALUES ('Budi', 'penyedia', 'b@example.org', 'id', 0);"
                    + triggers,
            ])
        let check = try installation.run("check")
        #expect(check.exit == .code(1))
        #expect(check.output.contains("Budi, budi"))
        #expect(check.output.contains("pulih user rename"))
        let portal = try installation.start("portal")
        #expect(try LoginClient(installation.portal).enter(budi) == "/login/code", "each spelling is still its account")
        #expect(try installation.succeed("user", "rename", "Budi", "budi.tua").contains("budi.tua from now on"))
        #expect(try installation.run("user", "rename", "budi.tua", "BUDI").exit == .code(1))
        #expect(try installation.run("check").exit == .code(0))
        #expect(try installation.succeed("audit", "list", "--subject", "budi.tua").contains("user_renamed"))
        // Nor does one who asks the audit log have to know how it was written.
        #expect(try installation.succeed("audit", "list", "--subject", " BUDI.Tua").contains("user_renamed"))
        try portal.stop(timeout: .seconds(15))
    }
}
