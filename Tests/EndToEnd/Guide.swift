import Foundation
import Support
import Testing

/// The user guide in the hands of one person, with a browser and a phone: each function is a numbered step, and asserts
/// what the guide shows for it.
///
/// After a click or Enter a page is read only inside `waitUntil`.
final class Guide {
    enum Chapter { case activation, reset, disable }

    let installation: Installation
    let service: Subprocess
    let browser: WebDriver
    let hand: PageUser
    let labels: GuideLabels
    let person: Installation.Person
    var phone: AuthenticatorApp?

    /// In the suite's browser.
    init(_ person: Installation.Person, _ labels: GuideLabels = .indonesian, tool: PageUser.Tool = .mouse) throws {
        self.person = person
        self.labels = labels
        browser = try #require(SuiteBrowser.current, "the suite has no browser")
        try browser.forget()
        installation = try Installation()
        service = try installation.start()
        hand = PageUser(browser: browser, tool: tool)
    }

    /// Walks the steps of a chapter from the first to `last`.
    static func walk(
        _ chapter: Chapter, through last: Int? = nil, _ labels: GuideLabels = .indonesian, tool: PageUser.Tool = .mouse
    ) throws {
        let owner = labels.language == "id" ? Installation.budi : Installation.sari
        let guide = try Guide(chapter == .activation ? Installation.citra : owner, labels, tool: tool)
        switch chapter {
        case .activation: try guide.activate(through: last ?? 10)
        case .reset: try guide.reset(through: last ?? 8)
        case .disable: try guide.disable(through: last ?? 6)
        }
        let complaints = try guide.browser.consoleMessages()
        #expect(complaints == [], "what the browser complains of")
        #expect(try guide.service.stop(timeout: .seconds(15)) == .code(0))
    }

    // MARK: - What chapters share

    func openStart() throws {
        try browser.navigate(to: "\(installation.publicURL)/")
        try waitForStart()
        #expect(try browser.find("html").attribute("lang") == labels.language)
    }

    func waitForStart() throws {
        try browser.waitUntil("\(labels.start) is shown") { try $0.title == "\(labels.start) · Pulih" }
    }

    func waitForHeading(_ heading: String) throws {
        try browser.waitUntil("the heading is \(heading)") { try $0.find("h1").text == heading }
    }

    /// Klik menu "LOGIN".
    func clickLogin() throws {
        #expect(try !browser.find("[popover]").isDisplayed)
        try hand.press("main button", labels.login)
        try browser.waitUntil("the pop-up \(labels.choose) is open") {
            try $0.find("[popover]").isDisplayed && $0.find("[popover] h2").text == labels.choose
        }
        #expect(try browser.find("[popover]").label == labels.choose)
    }

    /// Klik button "PENYEDIA ATAU NON PENYEDIA".
    func clickDoor() throws {
        try hand.press("[popover] a", labels.door)
        try waitForHeading(labels.userIDForm)
        _ = try browser.find("form button", text: labels.next)
        _ = try browser.find("form button", text: labels.forgotten)
    }

    func inputUserID() throws {
        try hand.fill("#user_id", labels.userID, with: person.userID)
        try hand.press("form button", labels.next)
        try waitForHeading(labels.passwordForm)
        #expect(try browser.find("dl").text.contains(person.userID))
    }

    func inputPassword(leadsTo heading: String) throws {
        try hand.fill("#password", labels.password, with: Installation.password)
        try hand.press("form button", labels.next)
        try waitForHeading(heading)
    }

    func inputCode() throws {
        let code = try #require(try phone?.code(), "nothing was scanned")
        try hand.fill("#code", labels.code, with: code)
    }

    /// Poin 1 s.d. 4, kode, Beranda.
    func logIn() throws {
        try openStart()
        try clickLogin()
        try clickDoor()
        try inputUserID()
        try inputPassword(leadsTo: labels.codeForm)
        try inputCode()
        try hand.press("form button", labels.next)
        try waitForHeading(labels.member)
    }

    /// Scans the QR code as a camera sees it, on a phone's screen and on a desk's.
    func scan() throws {
        var seen: Set<String> = []
        for width in [390, 1280] {
            try browser.setViewport(width: width, height: 900)
            let picture = installation.folder.file("scan-\(width).png")
            try browser.screenshot(to: picture)
            let codes = try Zbar.read(png: picture)
            #expect(codes.count == 1, "QR codes seen at \(width) px")
            seen.formUnion(codes)
        }
        #expect(seen.count == 1)
        let uri = try #require(seen.first.flatMap { URLComponents(string: $0) })
        #expect(uri.scheme == "otpauth")
        #expect(uri.host == "totp")
        #expect(uri.path == "/Pulih:\(person.userID)")
        #expect(uri.queryItems?.first { $0.name == "issuer" }?.value == "Pulih")
        let secret = try #require(uri.queryItems?.first { $0.name == "secret" }?.value)
        #expect(secret.utf8.count == 32)
        #expect(try browser.find(".key").text.filter { !$0.isWhitespace } == secret, "the key to be typed by hand")
        #expect(secret != Installation.secret)
        phone = AuthenticatorApp(secret: secret)
    }
}
