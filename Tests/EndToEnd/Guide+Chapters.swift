import Foundation
import Support
import Testing

extension Guide {
    // MARK: - Aktivasi

    func activate(through last: Int = 10) throws {
        try openStart()
        for step in 1...last { try activation(step) }
    }

    private func activation(_ step: Int) throws {
        switch step {
        case 1: try clickLogin()
        case 2: try clickDoor()
        case 3: try inputUserID()
        case 4: try inputPassword(leadsTo: labels.enable)
        case 5:
            try hand.press("form button", labels.enableButton)
            try waitForHeading(labels.scan)
            #expect(try browser.find(".qr svg").label == labels.picture)
            #expect(try installation.totpState(of: person) == "pending")
        case 6: try scan()
        case 7:
            try hand.press("main form button", labels.logout)
            try waitForStart()
        case 8:
            for step in 1...3 { try activation(step) }
            try inputPassword(leadsTo: labels.codeForm)
        case 9:
            try inputCode()
            try hand.press("form button", labels.next)
            try waitForHeading(labels.member)
        default:
            #expect(try browser.find("main").text.contains(labels.loggedIn))
            #expect(try browser.find("header").text.contains(person.userID))
            _ = try browser.find("main a", text: labels.disable)
            #expect(try installation.totpState(of: person) == "active")
        }
    }

    // MARK: - Reset

    func reset(through last: Int) throws {
        try openStart()
        for step in 1...last {
            switch step {
            case 1: try clickLogin()
            case 2: try clickDoor()
            case 3:
                try hand.fill("#user_id", labels.userID, with: person.userID)
                try hand.press("form button", labels.forgotten)
                try waitForHeading(labels.request)
                #expect(try browser.find("#user_id").attribute("value") == person.userID)
            case 4: try fillRequest()
            case 5: try followMail()
            case 6:
                #expect(try !browser.find("[popover]").isDisplayed)
                try hand.press("main button", labels.reset)
                try browser.waitUntil("the pop-up \(labels.confirmation) is open") {
                    try $0.find("[popover]").isDisplayed && $0.find("[popover] h2").text == labels.confirmation
                }
                #expect(try installation.totpState(of: person) == "active")
            case 7:
                try hand.press("[popover] button", labels.accept)
                try waitForHeading(labels.done)
                #expect(try installation.totpState(of: person) == "none")
            default:
                #expect(try browser.find("main").text.contains(labels.activateAgain))
                try hand.press("main a", labels.login)
                try waitForStart()
                try activate()
            }
        }
    }

    /// Input User ID, Email, Kode Keamanan, dan Tipe User lalu klik button "Kirim".
    private func fillRequest() throws {
        let captcha = try #require(try browser.find("input[name=captcha]").attribute("value"))
        #expect(try browser.find("img[src^='/captcha/']").property("naturalWidth").number ?? 0 > 0)
        try hand.fill("#user_id", labels.userID, with: person.userID)
        try hand.fill("#email", labels.email, with: person.email)
        let code = try installation.code(ofCaptcha: captcha).lowercased()
        try hand.fill("#security_code", labels.securityCode, with: code)
        #expect(try browser.find("fieldset").label == labels.userType)
        try hand.choose("input[name=user_type]", value: person.userType)
        try hand.press(".send button", labels.send)
        try waitForHeading(labels.sent)
    }

    /// Buka email dengan subjek "Konfirmasi Permintaan Reset TOTP" dan klik button "Reset TOTP".
    private func followMail() throws {
        let mail = try installation.resetMail(to: person).parsed()
        let file = try installation.folder.write(try #require(mail.html), to: "mail.html")
        try browser.navigate(to: "file://\(file)")
        try hand.press("a", labels.reset)
        try browser.moveToNewTab()
        try waitForHeading(labels.reset)
        #expect(try browser.currentURL.hasPrefix("\(installation.publicURL)/reset/"))
    }

    // MARK: - Disable

    func disable(through last: Int) throws {
        phone = AuthenticatorApp(secret: Installation.secret)
        try logIn()
        for step in 1...last {
            switch step {
            case 1:
                try hand.press("main a", labels.disable)
                try waitForHeading(labels.disable)
            case 2:
                try hand.fill("#password", labels.password, with: Installation.password)
                try inputCode()
                try hand.press("main form button", labels.disable)
                try waitForHeading(labels.enable)
                #expect(try installation.totpState(of: person) == "none")
            case 3:
                try hand.press("main form button", labels.enableAgain)
                try waitForHeading(labels.scan)
            case 4:
                #expect(try browser.find("main").text.contains(labels.deleteOld))
                try scan()
            case 5:
                try hand.press("main form button", labels.logoutAgain)
                try waitForStart()
            default:
                try logIn()
                #expect(try installation.totpState(of: person) == "active")
            }
        }
    }
}
