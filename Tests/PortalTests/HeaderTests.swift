import Cryptography
import Domain
import Foundation
import HTTPServer
import Support
import Testing

/// What every answer tells the browser, besides what it shows.
@Suite
struct HeaderTests {
    @Test("Every page tells the browser what not to do, error pages too", arguments: PortalTests.addresses)
    func headers(address: String) throws {
        let response = try PortalFixture(isSecure: true).send(.get, address)
        let policy = response.headers["Content-Security-Policy"] ?? ""
        #expect(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"))
        #expect(!policy.contains("unsafe"))
        #expect(response.headers["X-Content-Type-Options"] == "nosniff")
        #expect(response.headers["Referrer-Policy"] == "no-referrer")
        #expect(response.headers["Cache-Control"] == "no-store")
        #expect(response.headers["Strict-Transport-Security"] != nil)
        // The one script is a file of ours; nothing in the page itself runs.
        #expect(response.text.matches(of: /<script(?! src="\/assets\/comfort\.js\?v=[^"]+" defer><\/script>)/).isEmpty)
        #expect(response.text.matches(of: #/\s(?:style|on[a-z]+)=/#).isEmpty)
    }

    private static let sent: [(method: HTTPServer.Method, address: String)] =
        ["/home", "/login/password", "/login/code", "/totp/enable", "/totp/disable", "/sessions", "/recovery-codes"]
        .map { (.get, $0) }
        + ["/login", "/login/password", "/login/code", "/totp/enable", "/totp/disable", "/sessions", "/logout"]
        .map { (.post, $0) }

    @Test("Who is sent on is told the same, so that no cookie that comes along is kept by anyone", arguments: sent)
    func redirections(_ method: HTTPServer.Method, _ address: String) throws {
        let response = try PortalFixture(isSecure: true).send(method, address, body: "user_id=budi&reset=1")
        #expect(response.status == 303)
        #expect(response.headers["Content-Security-Policy"]?.contains("frame-ancestors 'none'") == true)
        #expect(response.headers["X-Content-Type-Options"] == "nosniff")
        #expect(response.headers["Referrer-Policy"] == "no-referrer")
        #expect(response.headers["Cache-Control"] == "no-store")
        #expect(response.headers["Strict-Transport-Security"] != nil)
    }

    @Test(
        "Pictures, sounds and files are guarded alike, and may be kept as before",
        arguments: [
            "/captcha/ID.png", "/captcha/ID.wav", "/assets/style.css", "/assets/comfort.js", "/assets/icon.svg",
        ])
    func files(address: String) throws {
        let fixture = try PortalFixture(isSecure: true, speech: Parrot())
        let captcha = PortalFixture.captchas.challenge(at: fixture.temporary.clock.now(), random: SeededRandom()).id
        let response = try fixture.send(.get, address.replacing("ID", with: captcha))
        #expect(response.status == 200)
        #expect(response.headers["Content-Security-Policy"]?.contains("default-src 'none'") == true)
        #expect(response.headers["X-Content-Type-Options"] == "nosniff")
        #expect(response.headers["Strict-Transport-Security"] != nil)
        #expect(response.headers["Cache-Control"]?.contains("max-age=") == true)
    }

    @Test("The picture on the tab may use the style inside it, and no other")
    func icon() throws {
        let icon = try PortalFixture().send(.get, "/assets/icon.svg")
        let style = try #require(icon.text.firstMatch(of: #/<style>(.*?)</style>/#)?.1)
        let digest = Data(Digest.sha256(Array(style.utf8))).base64EncodedString()
        let policy = icon.headers["Content-Security-Policy"] ?? ""
        #expect(policy.contains("style-src 'sha256-\(digest)';"))
    }

    @Test("Without https the browser is not told to insist on it")
    func noInsisting() throws {
        #expect(try PortalFixture().send(.get, "/").headers["Strict-Transport-Security"] == nil)
    }
}
