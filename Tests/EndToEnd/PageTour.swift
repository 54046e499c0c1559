import Foundation
import Support
import Testing

/// Shows every page of the portal and of the operations in every state to whoever looks, in one browser, as a person would come to them.
struct PageTour {
    let installation: Installation
    let browser: WebDriver
    /// Called on each page with a name for it.
    let look: (String) throws -> Void

    private var address: String { installation.publicURL }

    func run() throws {
        try loginPages()
        try activation()
        try memberPages()
        try applicationPages()
        try codePages()
        try resetPages()
        try operationsPages()
    }

    // MARK: - The pages

    private func loginPages() throws {
        try installation.succeed("policy", "set", "totp", "on", "--type", "penyedia", "--from", "2031-03-05")
        try open("/", "home")
        try browser.find("main button[popovertarget]").click()
        try browser.waitUntil("the pop-up is open") { try $0.find("[popover]").isDisplayed }
        try look("home, pop-up open")
        try open("/login", "login")
        try submit("form", ["#user_id": "two words"], leadsTo: "/login")
        try look("login, refused")
        try submit("form", ["#user_id": Installation.citra.userID], leadsTo: "/login/password")
        try look("password")
        try submit("form", ["#password": "wrong"], leadsTo: "/login/password")
        try look("password, refused")
        try open("/nowhere", "not found")
    }

    private func activation() throws {
        try enter(Installation.citra, leadsTo: "/totp/enable")
        try look("enable")
        try submit("form[action='/totp/enable']", [:], leadsTo: "/totp/enable")
        try look("scan")
        let secret = try browser.find(".key").text.filter { !$0.isWhitespace }
        try submit("form", [:], leadsTo: "/")
        try enter(Installation.citra, leadsTo: "/login/code")
        try look("code, secret pending")
        var phone = AuthenticatorApp(secret: secret)
        try submit("form", ["#code": try phone.code()], leadsTo: "/home")
        try look("member, without recovery codes")
    }

    private func memberPages() throws {
        try open("/recovery-codes", "recovery codes")
        try browser.find("main form button[class=button]").click()
        try browser.waitUntil("the codes are shown") { try !$0.findAll(".codes").isEmpty }
        try look("recovery codes, shown once")
        try open("/home", "member")
        try open("/recovery-codes", "recovery codes, to be renewed")
        try open("/sessions", "sessions")
        try open("/totp/disable", "disable")
        try submit("form", ["#password": "wrong", "#code": "123 45"], leadsTo: "/totp/disable")
        try look("disable, refused")
    }

    /// For the configuration: hosts of applications that lead straight to the portal.
    static func applications(at port: FreePort) -> String {
        """
        applications: [
            { id: "papan", name: "Papan Pengumuman", hosts: ["papan.localhost:\(port.number)"] },
            { id: "arsip", name: "Arsip", hosts: ["arsip.localhost:\(port.number)"], userTypes: ["non-penyedia"] },
            { id: "jurnal", name: "Jurnal", redirectURIs: ["https://jurnal.example.org/cb"], userTypes: ["non-penyedia"] },
        ],
        """
    }

    /// At the host of an application, as the proxy would hand it on.
    private func applicationPages() throws {
        func host(_ name: String) -> String { "http://\(name).localhost:\(installation.portal.number)/.pulih" }
        func open(_ address: String, _ name: String) throws {
            try browser.navigate(to: address)
            try look("application, \(name)")
        }
        try open("\(host("papan"))/verify", "session over")
        try open("\(host("papan"))/start?rd=//elsewhere", "foreign address")
        try open("\(host("papan"))/callback?code=none", "refused")
        try open("\(host("arsip"))/start?rd=/", "another user type")
        let authorize = "\(address)/oauth2/authorize"
        let asked =
            "response_type=code&scope=openid&code_challenge_method=S256&code_challenge=" + OpenIDInstallation.challenge
        let jurnal = "client_id=jurnal&redirect_uri=https%3A%2F%2Fjurnal.example.org%2Fcb"
        try open("\(authorize)?client_id=nobody", "unknown client")
        try open("\(authorize)?client_id=jurnal&redirect_uri=https%3A%2F%2Fevil.example%2F", "foreign redirect")
        try open("\(authorize)?\(asked)&\(jurnal)", "another user type by OpenID Connect")
        try open("\(address)/oauth2/logout?id_token_hint=x", "a logout that proves nothing")
        try open("\(address)/oauth2/logout?client_id=jurnal", "whether to log out")
        try browser.navigate(to: "\(host("papan"))/start?rd=/.pulih/logout")
        try browser.waitUntil(appears: "form[action$='/.pulih/logout']")
        try look("application, logout")
        try browser.find("main form button").click()
        try browser.waitUntil("the login is over") { try $0.currentURL == "\(address)/" }
        try open("\(address)/oauth2/logout", "logged out already")
        try open("\(host("papan"))/start?rd=/", "login")
        try submit("form", ["#user_id": Installation.citra.userID], leadsTo: nil)
        try look("application, password")
        try submit("form", ["#password": Installation.password], leadsTo: nil)
        try look("application, code")
        try open("\(address)/", "start page of somebody half logged in")
    }

    private func codePages() throws {
        try browser.deleteCookies()
        try enter(Installation.citra, leadsTo: "/login/code")
        try look("code")
        try submit("form", ["#code": "123 45"], leadsTo: "/login/code")
        try look("code, refused")
        for _ in 1...5 {
            try submit("form", ["#code": "000000"], leadsTo: "/login/code")
        }
        try look("code, to wait")
    }

    private func resetPages() throws {
        try browser.deleteCookies()
        let budi = Installation.budi
        try open("/reset", "reset")
        try submit("form[action='/reset']", ["#email": "no address"], button: ".send button", leadsTo: "/reset")
        try look("reset, refused")
        let captcha = try #require(try browser.find("input[name=captcha]").attribute("value"))
        try browser.find("input[name=user_type][value=\(budi.userType)]").click()
        try submit(
            "form[action='/reset']",
            [
                "#user_id": budi.userID, "#email": budi.email,
                "#security_code": try installation.code(ofCaptcha: captcha),
            ], button: ".send button", leadsTo: "/reset/sent")
        try look("reset, sent")
        let link = String(
            try installation.link(in: try installation.resetMail(to: budi)).dropFirst(address.count))
        try open(link, "link")
        try browser.find("button[popovertarget]:not([popovertargetaction])").click()
        try browser.waitUntil("the pop-up is open") { try $0.find("[popover]").isDisplayed }
        try look("link, pop-up open")
        try open("\(link)/cancel", "link, cancel")
        try submit("form", [:], leadsTo: "\(link)/cancel")
        try look("link, cancelled")
        try open(link, "link, dead")
    }

    private func operationsPages() throws {
        let base = "http://127.0.0.1:\(installation.operations.number)"
        func open(_ path: String, _ name: String) throws {
            try browser.navigate(to: base + path)
            try look("operations, \(name)")
        }
        try open("/", "calm")
        try browser.executeScript("document.querySelectorAll('details').forEach((one) => { one.open = true; });")
        try look("operations, everything open")
        try open("/?live=off", "kept still")
        try open("/jobs", "jobs")
        try open("/jobs?account=nobody", "jobs of nobody")
        try open("/jobs/1", "a job that is done")
        try open("/jobs/999", "no such job")
        let sari = Installation.sari
        try installation.mail.follow([.answer("550 5.1.1 No such mailbox", at: .recipient, recipient: sari.email)])
        #expect(try installation.ask(for: sari).status == 303)
        let dead = try Eventually.value("a job is dead", timeout: .seconds(20)) {
            try installation.jobs().first { $0.state == "dead" }
        }
        try open("/", "dead jobs")
        try browser.find("#dead-\(dead.id) button[popovertarget]").click()
        try browser.waitUntil(appears: "#discard-\(dead.id)")
        try look("operations, pop-up open")
        try open("/jobs/\(dead.id)", "a job that is dead")
        try browser.find("button[formaction$='/retry']").click()
        try browser.waitUntil("the audit log tells") { try $0.source.contains("queue_job_retried") }
        try look("operations, a job that was retried")
        try browser.navigate(to: "\(base)/?live=off")
        try browser.find("#pause summary").click()
        try browser.find("#pause_why").type("relay pindah")
        try browser.find("#pause form button").click()
        try browser.waitUntil(appears: "form.pause")
        try look("operations, paused")
        try browser.find("form.pause button").click()
        try browser.waitUntil("mail goes on") { try $0.findAll("form.pause").isEmpty }
        try installation.mail.stop()
        #expect(try installation.ask(for: sari).status == 303)
        try Eventually.holds("the relay is found at fault", timeout: .seconds(30)) {
            try browser.navigate(to: "\(base)/?live=off")
            return try !browser.findAll(".answer-alarm").isEmpty
        }
        try look("operations, relay at fault")
        try installation.mail.start()
    }

    // MARK: - The way

    private func open(_ path: String, _ name: String) throws {
        try browser.navigate(to: address + path)
        try look(name)
    }

    private func enter(_ person: Installation.Person, leadsTo path: String?) throws {
        try browser.navigate(to: "\(address)/login")
        try submit("form", ["#user_id": person.userID], leadsTo: "/login/password")
        try submit("form", ["#password": Installation.password], leadsTo: path)
    }

    /// Fills a form in and sends it; what stands in the fields is overwritten.
    private func submit(
        _ form: String, _ fields: [String: String], button: String = "button:not([type=button])", leadsTo path: String?
    ) throws {
        // An empty or malformed field must reach the server, so that its answer is seen.
        try browser.executeScript(
            "document.querySelectorAll('main form').forEach((form) => { form.noValidate = true; })")
        for (field, text) in fields {
            try browser.find(field).clear()
            try browser.find(field).type(text)
        }
        try browser.executeScript("window.isOld = true;")
        try browser.find("main \(form) \(button)").click()
        try browser.waitUntil("\(path ?? "the next page") is shown") { driver in
            try driver.executeScript("return window.isOld !== true && document.readyState === 'complete'").bool == true
                && (path == nil || driver.currentURL == address + (path ?? ""))
        }
    }
}
