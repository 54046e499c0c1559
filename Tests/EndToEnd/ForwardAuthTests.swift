import Foundation
import Support
import Testing

/// Applications behind the sites for nginx and Caddy that come with Pulih, run by the real programs.
@Suite(.serialized)
struct ForwardAuthTests {
    private static let page = ["--header", "Accept: text/html", "--header", "Sec-Fetch-Mode: navigate"]

    /// Names under which a browser could claim to be somebody.
    private static let claims = [
        "Remote-User: admin", "remote-user: admin", "Remote_User: admin", "Remote-Email: a@evil.example",
        "Remote-Groups: admin", "Remote_Groups: admin", "X-Pulih-Factor: totp", "X_Pulih_Factor: totp",
    ].flatMap { ["--header", $0] }

    @Test(
        "Page loads go to the login; forms, background requests and foreign tries are refused",
        arguments: ProxyScene.Proxy.allCases)
    func withoutLogin(_ proxy: ProxyScene.Proxy) throws {
        let scene = try ProxyScene(proxy)
        let address = "https://\(scene.host)/pesanan/42?urut=baru&q=a%20b"
        let load = try scene.curl(address, Self.page)
        #expect(load.status == 303)
        #expect(load.version == "2")
        #expect(load.location == "https://\(scene.host)/.pulih/start?rd=%2Fpesanan%2F42%3Furut%3Dbaru%26q%3Da%2520b")
        let form = try scene.curl(
            address, Self.page + ["--data", "a=b", "--header", "Referer: https://\(scene.host)/pesanan/baru"])
        #expect(form.status == 401)
        #expect(form.body.contains("tidak terkirim") && form.body.contains("rd=%2Fpesanan%2Fbaru"))
        let background = try scene.curl(address, ["--header", "Accept: application/json"])
        #expect(background.status == 401 && background.location.isEmpty)
        // Nothing that the browser says of itself or of where it goes opens a door.
        for claim in [
            Self.claims, ["--header", "X-Forwarded-Uri: /bantuan"], ["--header", "X-Original-URI: /bantuan"],
            ["--header", "X-Original-URL: /bantuan"], ["--header", "X-Forwarded-Host: otp.example.org"],
            ["--header", "Cookie: __Host-pulih-application=x"],
        ] {
            #expect(try scene.curl(address, Self.page + claim).status == 303, "\(claim)")
        }
        for path in ["/bantuan/../admin", "/bantuan/%2e%2e/admin", "/bantuan%2f..%2fadmin", "//bantuan", "/bantuanku"] {
            #expect(try scene.curl("https://\(scene.host)\(path)", Self.page).status == 303, "\(path)")
        }
        // A public path shows, and the application hears of nobody.
        let open = try scene.curl("https://\(scene.host)/bantuan/1", Self.claims).told()
        for name in [
            "Remote-User", "Remote_User", "Remote-Email", "Remote-Groups", "Remote_Groups", "X-Pulih-Factor",
            "X_Pulih_Factor",
        ] {
            let values = open.values(name)
            #expect(values.joined() == "", "\(name)")
        }
    }

    @Test(
        "A person logs in and comes back, the application hears who, and nothing else says so",
        arguments: ProxyScene.Proxy.allCases)
    func login(_ proxy: ProxyScene.Proxy) throws {
        let scene = try ProxyScene(proxy)
        let browser = try WebDriver(.init(hosts: ["otp.example.org", "katalog.example.org"]))
        let hand = PageUser(browser: browser, tool: .mouse)
        try browser.navigate(to: "https://\(scene.host)/pesanan/42?urut=baru")
        try hand.logIn(
            to: "e-Katalog", with: try Oathtool.code(secretBase32: Installation.secret, at: Date()), ifNot: "")
        try browser.waitUntil("the application is there, at the very address") {
            try $0.currentURL == "https://\(scene.host)/pesanan/42?urut=baru" && $0.title == "Backend"
        }
        let told = try JSONDecoder().decode(BackendRequest.self, from: Data(try browser.find("pre").text.utf8))
        #expect(told.values("Remote-User") == ["budi"])
        #expect(told.values("Remote-Email") == ["budi@example.org"])
        #expect(told.values("Remote-Groups") == ["penyedia"])
        #expect(told.values("X-Pulih-Factor") == ["totp"])

        // With the cookie in other hands: who claims to be another is still Budi, in every spelling.
        let cookie = try #require(try browser.cookies.first { $0.name == "__Host-pulih-application" }?.value)
        let carried = ["--header", "Cookie: __Host-pulih-application=\(cookie)"]
        let claimed = try scene.curl("https://\(scene.host)/x", carried + Self.claims).told()
        #expect(claimed.values("Remote-User") == ["budi"])
        #expect(claimed.values("Remote_User").isEmpty && claimed.values("Remote_Groups").isEmpty)
        let form = try scene.curl("https://\(scene.host)/save", carried + ["--data", "text=halo"]).told()
        #expect(form.method == "POST" && form.body == "text=halo")
        let socket = try webSocket(scene, carried)
        #expect(socket.contains("101") && socket.contains("X-User: budi"), "\(socket)")
        #expect(try webSocket(scene, []).contains(" 401"))

        // Beranda leads back there; a form that is posted after the end is not replayed but explained.
        try browser.navigate(to: "https://\(scene.portalHost)/home")
        try browser.waitUntil("Beranda is shown") { try $0.find("h1").text == "Beranda" }
        try hand.press("main a", "e-Katalog")
        try browser.waitUntil("the application is there") { try $0.title == "Backend" }
        try browser.find("input[name=text]").type("penting")
        try scene.installation.succeed("user", "reset-totp", "budi", "--reason", "lost")
        try browser.find("form button").click()
        try browser.waitUntil("the form is explained") {
            try $0.find("h1").text == "Formulir Anda di e-Katalog tidak terkirim"
        }
        #expect(try browser.consoleMessages().filter { !$0.contains("401") } == [])
    }

    /// The answer to a WebSocket handshake.
    private func webSocket(_ scene: ProxyScene, _ more: [String]) throws -> String {
        try Subprocess.run(
            "curl",
            [
                "--silent", "--include", "--http1.1", "--max-time", "2", "--cacert", scene.certificate.authorityFile,
                "--resolve", "katalog.example.org:\(scene.tls.number):127.0.0.1",
                "--header", "Connection: Upgrade", "--header", "Upgrade: websocket",
                "--header", "Sec-WebSocket-Version: 13", "--header", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            ] + more + ["https://\(scene.host)/socket"]
        ).output
    }
}
