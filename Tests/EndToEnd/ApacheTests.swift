import Foundation
import Support
import Testing

/// Apache's mod_auth_openidc as a client of Pulih, with a real browser before both.
@Suite("mod_auth_openidc", .serialized, .browser())
struct ApacheTests {
    @Test("Code flow, refresh, logout by the application, and a logout that Pulih tells it of")
    func wholeWay() throws {
        let scene = try ApacheScene()
        let browser = try #require(SuiteBrowser.current)
        var app = AuthenticatorApp(secret: Installation.secret)
        try logIn(scene, browser, with: app.code())
        #expect(try browser.find("#email").text == "budi@example.org")

        // A refresh by the module's own hook, with the tokens that it has.
        let token = try hook(scene, browser)["access_token"].string
        let cookies = try browser.cookies.map { "\($0.name)=\($0.value)" }.joined(separator: "; ")
        let apache = HTTPClient(port: scene.port.number)
        let refresh = try apache.get(
            "/oauth2/callback?refresh=\(HTTPClient.encode(scene.url + "/bye.html"))&access_token=\(try #require(token))",
            headers: [("Cookie", cookies)])
        #expect(refresh.status == 302 && refresh.header("Location") == "\(scene.url)/bye.html", "\(scene.log)")
        let fresh = try hook(scene, browser)["access_token"].string
        #expect(fresh != nil && fresh != token)
        #expect(try scene.installation.succeed("audit", "list").contains("authn_application_token "))

        // The application logs out here and at the portal, and comes back to a page of its own.
        try browser.navigate(to: "\(scene.url)/oauth2/callback?logout=\(HTTPClient.encode(scene.url + "/bye.html"))")
        try browser.waitUntil("the application's farewell is shown\n\(scene.log)") { try $0.title == "Bye" }
        try browser.navigate(to: "\(scene.installation.publicURL)/home")
        try browser.waitUntil("nobody is logged in") { try $0.find("h1").text == "Form Login 1" }

        // An operator ends the login: the application is told, and asks to log in at the next page.
        try logIn(scene, browser, with: app.code())
        let before = try scene.installation.jobs().count { $0.kind == "logout" }
        try scene.installation.succeed("user", "deactivate", "budi")
        let told = try Eventually.value("the logout is told\n\(scene.log)", timeout: .seconds(20)) {
            let done = try scene.installation.jobs().filter { $0.kind == "logout" && $0.state == "done" }
            return done.count > before ? done : nil
        }
        #expect(told.allSatisfy { $0.outcome == "delivered" }, "\(told)")
        try browser.navigate(to: scene.url + "/")
        try browser.waitUntil("the login is asked for\n\(scene.log)") { try $0.find("h1").text == "Form Login 1" }
        try scene.pulih.stop(timeout: .seconds(20))
    }

    private func logIn(_ scene: ApacheScene, _ browser: WebDriver, with code: String) throws {
        let hand = PageUser(browser: browser, tool: .mouse)
        try browser.navigate(to: scene.url + "/")
        try hand.logIn(to: "e-Katalog", with: code, ifNot: scene.log)
        try browser.waitUntil("the application is there\n\(scene.log)") { try $0.title == "Apache" }
        #expect(try browser.find("#user").text == "budi")
    }

    /// What the module tells of its session.
    private func hook(_ scene: ApacheScene, _ browser: WebDriver) throws -> JSON {
        try browser.navigate(to: "\(scene.url)/oauth2/callback?info=json")
        return try JSON(parsing: Array(try browser.find("body").text.utf8))
    }
}
