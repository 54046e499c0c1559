import Support
import Testing

/// What somebody sees who typed too many wrong codes, with the recovery codes at hand.
@Suite(.serialized, .browser())
struct WaitingTests {
    @Test("Wrong codes hold the button of the code back, counting down, and not that of a recovery code")
    func recoveryMeanwhile() throws {
        let guide = try Guide(Installation.budi)
        let browser = guide.browser
        guide.phone = AuthenticatorApp(secret: Installation.secret)
        try guide.logIn()
        try browser.navigate(to: "\(guide.installation.publicURL)/recovery-codes")
        try guide.hand.press("form button", "Buat kode pemulihan")
        try guide.waitForHeading("Kode pemulihan Anda")
        let code = try browser.find(".codes code").text

        try browser.deleteCookies()
        try guide.openStart()
        try guide.clickLogin()
        try guide.clickDoor()
        try guide.inputUserID()
        try guide.inputPassword(leadsTo: guide.labels.codeForm)
        for wrong in 1...5 {
            try guide.hand.fill("#code", guide.labels.code, with: "00000\(wrong)")
            try browser.executeScript("window.isOld = true;")
            try guide.hand.press("form button", guide.labels.next)
            try browser.waitUntil("the code is refused") {
                try $0.executeScript("return !window.isOld && document.readyState === 'complete'").bool == true
            }
        }
        try browser.waitUntil("the time left is shown") { try $0.find("[data-countdown]").text.contains("Tersisa 0:0") }
        #expect(try browser.find("form button", text: guide.labels.next).property("disabled").bool == true)
        try browser.find("summary", text: "Gunakan kode pemulihan").click()
        try guide.hand.fill("#recovery_code", "Kode pemulihan", with: code)
        try guide.hand.press("form button", "Login dengan kode pemulihan")
        try guide.waitForHeading(guide.labels.member)
        #expect(try guide.service.stop(timeout: .seconds(15)) == .code(0))
    }
}
