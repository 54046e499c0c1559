import Cryptography
import Domain
import Foundation
import HTTPServer
import Pictures
import Portal
import Store
import Support
import Testing

@Suite
struct PortalTests {
    static let addresses = [
        "/", "/reset", "/reset/sent", "/reset/nonsense", "/reset/nonsense/cancel", "/captcha/x.png", "/captcha/x.wav",
        "/nowhere",
    ]

    @Test(
        "The first page brings its style along, allowed by its digest alone, and weighs under 30 kB with all it loads")
    func firstPage() throws {
        let fixture = try PortalFixture()
        let page = try fixture.send(.get, "/")
        let style = try #require(page.text.firstMatch(of: #/<style>([\s\S]*?)</style>/#)?.1)
        let digest = Data(Digest.sha256(Array(style.utf8))).base64EncodedString()
        #expect(page.headers["Content-Security-Policy"]?.contains("style-src 'sha256-\(digest)';") == true)
        let loaded = page.text.matches(of: /(?:src|rel="icon"[^>]*? href)="([^"]+)"/).map { String($0.1) }
        #expect(loaded.count == 1, "the picture on the tab, which nobody waits for")
        let weight = try loaded.reduce(page.text.utf8.count) { try $0 + fixture.send(.get, $1).text.utf8.count }
        #expect(weight < 30_000)
    }

    @Test("HEAD is answered like GET, and other methods are not", arguments: addresses)
    func methods(address: String) throws {
        let fixture = try PortalFixture()
        #expect(try fixture.send(.head, address).status == fixture.send(.get, address).status)
        #expect([404, 405].contains(try fixture.send(.other("PUT"), address).status))
    }

    @Test("The language is what was asked for, then the cookie, then the browser's, then the installation's")
    func languages() throws {
        let fixture = try PortalFixture()
        func language(_ target: String, _ headers: [String: String] = [:]) throws -> Bool {
            try fixture.send(.get, target, headers).text.contains("<html lang=\"en\">")
        }
        #expect(try !language("/"))
        #expect(try language("/", ["Accept-Language": "fr, en-GB;q=0.8, id;q=0.5"]))
        #expect(try !language("/", ["Accept-Language": "en;q=0, id"]))
        #expect(try !language("/", ["Accept-Language": "en", "Cookie": "pulih-language=id"]))
        #expect(try language("/?lang=en", ["Cookie": "pulih-language=id"]))
        #expect(try !language("/?lang=xx"))
        let chosen = try fixture.send(.get, "/reset?lang=en")
        #expect(chosen.headers["Set-Cookie"]?.hasPrefix("pulih-language=en") == true)
    }

    @Test("The way to the other language keeps what the address said, and nothing more of it")
    func languageLinks() throws {
        let page = try PortalFixture().send(.get, "/login?user_type=penyedia&lang=id&x=%22%3E%26+%C3%A9").text
        #expect(page.contains(#"href="/login?user_type=penyedia&amp;x=%22%3E%26%20%C3%A9&amp;lang=en""#))
        #expect(page.contains(#"href="/login?user_type=penyedia&amp;x=%22%3E%26%20%C3%A9&amp;lang=id""#))
    }

    @Test("Every code that a captcha can have can be drawn")
    func captchas() throws {
        for letter in Captcha.alphabet {
            #expect(throws: Never.self) { try Captcha.png(code: String(repeating: letter, count: 6), seed: 1) }
        }
    }

    @Test("A POST without a form token, or without a form, changes nothing and says what to do")
    func withoutToken() throws {
        let fixture = try PortalFixture()
        let before = try fixture.temporary.dump()
        #expect(try fixture.send(.post, "/reset", body: "user_id=budi").status == 403)
        #expect(try fixture.send(.post, "/reset/x.y", body: "").status == 403)
        #expect(try fixture.send(.post, "/reset", ["Content-Type": "text/plain"], body: "user_id=budi").status == 415)
        #expect(try fixture.send(.post, "/reset", ["Sec-Fetch-Site": "cross-site"], body: "").status == 403)
        #expect(try fixture.temporary.dump() == before)
    }

    @Test("A full disk says so and keeps what was typed")
    func fullDisk() throws {
        let fixture = try PortalFixture()
        let now = fixture.temporary.clock.now()
        let challenge = PortalFixture.captchas.challenge(at: now, random: SeededRandom())
        let csrf = FormTokens(key: PortalFixture.key).token(for: "reset", subject: "", at: now)
        fixture.temporary.database.close()
        let response = try fixture.send(
            .post, "/reset",
            body: "user_id=budi&email=budi%40example.org&user_type=penyedia&captcha=\(challenge.id)"
                + "&security_code=\(challenge.code)&csrf=\(csrf)")
        #expect(response.status == 503)
        #expect(response.text.contains("value=\"budi@example.org\""))
    }

    @Test("The templates that come with Pulih name nothing that is not there")
    func templates() throws {
        let problems = Portal.templateProblems(try PortalFixture.pages(), PortalFixture.settings([]))
        #expect(problems == [], "\(problems.joined(separator: "\n"))")
    }
}
