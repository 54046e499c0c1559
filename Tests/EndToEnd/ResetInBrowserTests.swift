import Foundation
import Support
import Testing

/// The user guide's chapter on reset, as a person does it: real browser, real mail server, the built program.
@Suite(.serialized)
struct ResetInBrowserTests {
    @Test(
        "Someone who lost the phone asks, gets the mail, confirms in the pop-up, and the secret is gone",
        arguments: [true, false])
    func wholeWay(javaScript: Bool) throws {
        let installation = try Installation()
        let service = try installation.start()
        var options = WebDriver.Options()
        options.javaScript = javaScript
        let browser = try WebDriver(options)

        // Step 4: User ID, Email, Kode Keamanan, Tipe User, Kirim.
        try browser.navigate(to: "\(installation.publicURL)/")
        try browser.find("a[href='/reset']").click()
        let captcha = try #require(try browser.find("input[name=captcha]").attribute("value"))
        let picture = try browser.find("img[src^='/captcha/']")
        #expect(try picture.isDisplayed)
        try browser.find("#user_id").type("budi")
        try browser.find("#email").type("budi@example.org")
        try browser.find("#security_code").type(try installation.code(ofCaptcha: captcha).lowercased())
        try browser.find("input[name=user_type][value=penyedia]").click()
        // Enter in a field presses Kirim, not "Ganti gambar".
        try browser.find("#security_code").type(Keyboard.enter)
        let sent = "\(installation.publicURL)/reset/sent"
        try browser.waitUntil("the form is sent, and the page says which mail to look for") {
            try $0.currentURL == sent && $0.find("main").text.contains("Konfirmasi Permintaan Reset TOTP")
        }

        // Step 5: the mail, over STARTTLS and AUTH.
        let message = try installation.resetMail(to: Installation.budi)
        #expect(message.secured)
        #expect(message.user == "pulih")
        let mail = try message.parsed()
        #expect(mail.contentType == "multipart/alternative")
        #expect(mail.header("Auto-Submitted") == "auto-generated")
        #expect(mail.header("Reply-To") == "bantuan@example.org")
        let link = try installation.link(in: message)
        #expect(mail.links(in: .html).contains(link))
        #expect(mail.html?.contains("Reset TOTP") == true)
        // No remote pictures, no tracking.
        for sign in ["<img", "url(", "<link", "<script"] { #expect(mail.html?.contains(sign) == false) }

        // Steps 6 and 7: "Reset TOTP" opens the pop-up, "OK" confirms.
        try browser.navigate(to: link)
        #expect(try browser.find("[popover]").isDisplayed == false)
        #expect(try installation.totpState(of: Installation.budi) == "active")
        try browser.find("button[popovertarget]:not([popovertargetaction])").click()
        let popup = try browser.waitUntil(appears: "[popover]")
        #expect(try popup.text.contains("Konfirmasi Reset TOTP"))
        #expect(try popup.find("form button").text == "OK")
        try popup.find("form button").click()
        try browser.waitUntil("TOTP is reset") { try $0.find("h1").text == "TOTP Berhasil di Reset" }
        #expect(try installation.totpState(of: Installation.budi) == "none")
        #expect(try installation.totpState(of: Installation.sari) == "active")

        // The link is dead, and the owner is told.
        try browser.navigate(to: link)
        try browser.waitUntil("the link is dead") { try $0.find("h1").text == "Tautan ini sudah digunakan" }
        let notice = try installation.mail.waitForMessage(timeout: .seconds(20)) { message in
            try message.parsed().subject != "Konfirmasi Permintaan Reset TOTP"
        }
        #expect(notice.recipients == ["budi@example.org"])
        #expect(try service.stop(timeout: .seconds(15)) == .code(0))
    }

    @Test("The pop-up opens and confirms by keyboard alone, and Escape closes it")
    func keyboard() throws {
        let installation = try Installation()
        let service = try installation.start()
        #expect(try installation.ask(for: Installation.sari).status == 303)
        let link = try installation.link(in: try installation.resetMail(to: Installation.sari))
        let browser = try WebDriver()
        try browser.navigate(to: link)
        func tab(to css: String) throws {
            for _ in 0..<20 {
                try browser.press(Keyboard.tab)
                if try browser.find(css).isFocused { return }
            }
            Issue.record("the keyboard does not reach \(css)")
        }
        let opener = "button[popovertarget]:not([popovertargetaction])"
        try tab(to: opener)
        try browser.press(Keyboard.enter)
        _ = try browser.waitUntil(appears: "[popover]")
        try browser.press(Keyboard.escape)
        try browser.waitUntil("the pop-up is closed") { try !$0.find("[popover]").isDisplayed }
        try tab(to: opener)
        try browser.press(Keyboard.enter)
        _ = try browser.waitUntil(appears: "[popover]")
        try tab(to: "[popover] form button:not([type=button])")
        try browser.press(Keyboard.enter)
        try browser.waitUntil("TOTP is reset") { try !$0.source.contains("popover") }
        #expect(try installation.totpState(of: Installation.sari) == "none")
        try service.stop(timeout: .seconds(15))
    }

    @Test("A new picture keeps what was typed; an error keeps everything but the code")
    func keepsWhatWasTyped() throws {
        let installation = try Installation()
        let service = try installation.start()
        let browser = try WebDriver()
        try browser.navigate(to: "\(installation.publicURL)/reset?lang=en")
        let first = try browser.find("input[name=captcha]").attribute("value")
        try browser.find("#user_id").type("budi")
        try browser.find("#email").type("budi@example.org")
        try browser.find("input[name=user_type][value=non-penyedia]").click()
        try browser.find("button[name=refresh]").click()
        try browser.waitUntil("there is a new picture") {
            try $0.find("input[name=captcha]").attribute("value") != first
        }
        #expect(try browser.find("#user_id").attribute("value") == "budi")
        #expect(try browser.find("input[name=user_type][value=non-penyedia]").property("checked").bool == true)
        try browser.find("#security_code").type("WRONG1")
        try browser.find("form p.send button").click()
        _ = try browser.waitUntil(appears: "#security_code_error")
        #expect(try browser.find("#email").attribute("value") == "budi@example.org")
        #expect(try browser.find("#security_code").property("value") == "")
        #expect(
            try browser.find("#security_code").attribute("aria-describedby")?.contains("security_code_error") == true)
        #expect(try browser.find("html").attribute("lang") == "en")
        #expect(try installation.jobs().isEmpty)
        let complaints = try browser.consoleMessages().filter { !$0.contains("422") }
        #expect(complaints == [])
        try service.stop(timeout: .seconds(15))
    }
}
