import Foundation
import Support
import Testing

/// The queue's page as an operator works it: real browser, real relay, the built program.
@Suite(.serialized)
struct OperationsPageTests {
    private let budi = Installation.budi
    private let sari = Installation.sari

    /// One dead job of budi's and one of sari's; the relay takes the next mail to either.
    private func deadJobs(_ installation: Installation, _ service: Subprocess) throws -> (budi: Int64, sari: Int64) {
        let no = "550 5.1.1 No such mailbox"
        try installation.mail.follow([
            .answer(no, at: .recipient, recipient: budi.email, times: 1),
            .answer(no, at: .recipient, recipient: sari.email, times: 1),
        ])
        #expect(try installation.ask(for: budi).status == 303)
        let first = try installation.waitForJob(in: "dead", of: service).id
        #expect(try installation.ask(for: sari).status == 303)
        try Eventually.holds("both jobs are dead", timeout: .seconds(30)) {
            try installation.jobs().filter { $0.state == "dead" }.count == 2
        }
        return (first, first + 1)
    }

    private func address(_ installation: Installation) -> String {
        "http://127.0.0.1:\(installation.operations.number)"
    }

    @Test(
        "Dead jobs are retried and discarded where they are shown, with mouse and keyboard, and the page tells the end",
        arguments: [PageUser.Tool.mouse, .keyboard])
    func retryAndDiscard(tool: PageUser.Tool) throws {
        let installation = try Installation()
        let service = try installation.start()
        let (retried, discarded) = try deadJobs(installation, service)
        let browser = try WebDriver()
        let hand = PageUser(browser: browser, tool: tool)
        let address = address(installation)
        try browser.navigate(to: "\(address)/")
        #expect(try browser.find("h1").text == "Email terkirim; ada pekerjaan yang dihentikan")

        try hand.press("#dead-\(retried) form[action$='/retry'] button", "Coba lagi sekarang\n\(retried)")
        try browser.waitUntil("the page tells of the change") { try $0.currentURL == "\(address)/?changed=\(retried)" }
        try browser.executeScript("window.isOld = true;")
        try browser.waitUntil("the mail is out, and the page says so by itself", timeout: .seconds(30)) {
            try $0.find("#changed").text.hasSuffix("Keadaannya sekarang: selesai.")
        }
        #expect(try browser.executeScript("return window.isOld;").bool == true, "without a reload")
        _ = try installation.resetMail(to: budi)

        try hand.press("#dead-\(discarded) button[popovertarget]:not([popovertargetaction])", "Buang\n\(discarded)")
        let dialog = try browser.waitUntil(appears: "#discard-\(discarded)")
        #expect(try dialog.text.contains("Buang pekerjaan \(discarded)?"))
        #expect(try installation.job(discarded).state == "dead", "nothing happens before it is confirmed")
        try hand.press("#discard-\(discarded) form button:not([type])", "Buang")
        try browser.waitUntil("the job is gone from the page") { try $0.findAll("#dead-\(discarded)").isEmpty }
        #expect(try installation.job(discarded).state == "discarded")

        try browser.navigate(to: "\(address)/jobs/\(discarded)")
        let audit = try browser.find("section[aria-labelledby=audit]").text
        #expect(audit.contains("queue_job_discarded") && audit.contains("operator:web"))
        for path in ["/", "/jobs", "/jobs/\(retried)", "/jobs/\(discarded)"] {
            try browser.navigate(to: address + path)
            let page = try browser.source
            for secret in [budi.email, sari.email, "/reset/", Installation.relayPassword] {
                #expect(!page.contains(secret), "\(secret) in \(path)")
            }
        }
        let complaints = try browser.consoleMessages()
        #expect(complaints == [])
        try service.stop(timeout: .seconds(15))
    }

    @Test("The page keeps itself up to date and leaves focus, what is open and the place on the page alone")
    func live() throws {
        let installation = try Installation()
        let service = try installation.start()
        let browser = try WebDriver()
        try browser.setViewport(width: 1280, height: 500)
        try browser.navigate(to: "\(address(installation))/")
        try browser.find("#day_numbers summary").click()
        try browser.find("#pause summary").click()
        try browser.find("#pause_why").type("relay pindah")
        let tile = ".tile[href='/jobs?state=done']"
        try browser.executeScript(
            "document.querySelector(\"\(tile)\").focus(); window.isOld = true; window.scrollTo(0, 120);")
        #expect(try installation.ask(for: budi).status == 303)
        try browser.waitUntil("the mail is counted", timeout: .seconds(30)) {
            try $0.find("\(tile) strong").text == "1"
        }
        #expect(try browser.find("section[aria-labelledby=day] table").text.contains("1"))
        #expect(try browser.executeScript("return window.isOld;").bool == true, "without a reload")
        #expect(try browser.find(tile).isFocused)
        #expect(try browser.executeScript("return window.scrollY;").number == 120)
        #expect(try browser.find("#day_numbers").attribute("open") != nil)
        #expect(try browser.find("#pause_why").property("value").string == "relay pindah")
        let complaints = try browser.consoleMessages()
        #expect(complaints == [])
        try service.stop(timeout: .seconds(15))
    }

    @Test("Nothing is asked for while somebody types; when the service is gone the page says so until it is back")
    func busyAndLost() throws {
        let installation = try Installation()
        var service = try installation.start()
        let browser = try WebDriver()
        try browser.navigate(to: "\(address(installation))/")
        func asked() throws -> Double {
            let fetches = "performance.getEntriesByType('resource').filter((one) => one.initiatorType === 'fetch')"
            return try browser.executeScript("return \(fetches).length;").number ?? -1
        }
        // As when somebody comes back to the tab: the script looks at once.
        let look = "document.dispatchEvent(new Event('visibilitychange'));"
        try browser.executeScript("document.getElementById('pause').open = true;")
        try browser.find("#pause_why").click()
        let before = try asked()
        // Each look is followed by a request of the test's own, so that one of the script's would have been made by then.
        for _ in 0..<5 { try browser.executeScript("\(look) return fetch('/').then((answer) => answer.text());") }
        #expect(try asked() == before + 5, "the test's own requests, and no other")
        try browser.executeScript("document.activeElement.blur(); \(look)")
        try browser.waitUntil("the page is asked for") { _ in try asked() > before + 5 }

        try service.stop(timeout: .seconds(15))
        try browser.executeScript("window.isOld = true; \(look)")
        let note = try browser.waitUntil(appears: "#lost", timeout: .seconds(20))
        #expect(try note.role == "alert" && note.text.hasPrefix("Layanan tidak dapat dihubungi."))
        #expect(try !browser.find("h1").text.isEmpty, "what was there stays")
        service = try installation.start()
        try browser.executeScript(look)
        try browser.waitUntil("the service is back", timeout: .seconds(20)) { try $0.findAll("#lost").isEmpty }
        #expect(try browser.executeScript("return window.isOld;").bool == true, "without a reload")
        try service.stop(timeout: .seconds(15))
    }

    @Test("Without JavaScript the page refreshes as a whole, and every button works")
    func withoutJavaScript() throws {
        let installation = try Installation()
        let service = try installation.start()
        let (retried, discarded) = try deadJobs(installation, service)
        var options = WebDriver.Options()
        options.javaScript = false
        let browser = try WebDriver(options)
        let address = address(installation)
        try browser.navigate(to: "\(address)/")
        #expect(try browser.find("meta[http-equiv=refresh]").attribute("content") == "15")
        // To work in peace.
        try browser.find("#as_of a").click()
        #expect(try browser.findAll("meta[http-equiv=refresh]").isEmpty)
        try browser.find("#dead-\(discarded) button[popovertarget]").click()
        try browser.waitUntil(appears: "#discard-\(discarded)").find("form button").click()
        try browser.waitUntil("the job is discarded") { try $0.findAll("#dead-\(discarded)").isEmpty }
        #expect(try installation.job(discarded).state == "discarded")
        try browser.navigate(to: "\(address)/jobs?state=dead")
        try browser.find(".table a").click()
        #expect(try browser.currentURL == "\(address)/jobs/\(retried)")
        try browser.find("#why").type("kotak surat sudah dibuat")
        try browser.find("button[formaction$='/retry']").click()
        try browser.waitUntil("the reason is in the audit log") {
            try $0.find("section[aria-labelledby=audit]").text.contains("was dead; kotak surat sudah dibuat")
        }
        _ = try installation.resetMail(to: budi)
        try service.stop(timeout: .seconds(15))
    }
}
