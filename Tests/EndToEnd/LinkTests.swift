import Foundation
import Support
import Testing

/// A link takes effect exactly once, and only when a person says so.
@Suite
struct LinkTests {
    private let budi = Installation.budi

    /// The path of a fresh link.
    private func path(_ installation: Installation) throws -> String {
        #expect(try installation.ask(for: budi).status == 303)
        let link = try installation.link(in: try installation.resetMail(to: budi))
        return String(link.dropFirst(installation.publicURL.count))
    }

    @Test("A mail scanner that fetches the links fifty times changes nothing; the person then succeeds")
    func scanner() throws {
        let installation = try Installation()
        let service = try installation.start()
        let path = try path(installation)
        let before = try installation.dump()
        let scanner = HTTPClient(port: installation.portal.number)
        for _ in 0..<50 {
            for target in [path, "\(path)/cancel"] {
                #expect(try scanner.get(target).status == 200)
                #expect(try scanner.head(target).status == 200)
            }
        }
        #expect(try installation.dump() == before)
        let page = try FormPage(try scanner.get(path))
        let answer = try scanner.post(path, form: [("csrf", page.csrf)])
        #expect(answer.status == 200)
        #expect(answer.text.contains("TOTP Berhasil di Reset"))
        #expect(try installation.totpState(of: budi) == "none")
        try service.stop(timeout: .seconds(15))
    }

    @Test("A hundred confirmations at once: one wins, one notice is mailed")
    func parallel() async throws {
        let installation = try Installation()
        let service = try installation.start()
        let path = try path(installation)
        let port = installation.portal.number
        let csrf = try FormPage(try HTTPClient(port: port).get(path)).csrf
        let answers = try await withThrowingTaskGroup(of: HTTPAnswer.self) { group in
            for _ in 0..<100 {
                group.addTask {
                    try await OwnThread.run { try HTTPClient(port: port).post(path, form: [("csrf", csrf)]) }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.filter { $0.status == 200 && $0.text.contains("TOTP Berhasil di Reset") }.count == 1)
        #expect(answers.filter { $0.status == 410 && $0.text.contains("Tautan ini sudah digunakan") }.count == 99)
        #expect(try installation.jobs().filter { $0.kind == "reset-notice" }.count == 1)
        try service.stop(timeout: .seconds(15))
    }

    @Test("Forged, foreign, superseded, cancelled and twice-used links each get their own page and change nothing")
    func deadLinks() throws {
        let installation = try Installation()
        let service = try installation.start()
        let client = HTTPClient(port: installation.portal.number)
        let first = try path(installation)
        for forged in [
            "/reset/nonsense", "/reset/\(String(repeating: "A", count: 22)).\(String(repeating: "A", count: 43))",
        ] {
            #expect(try client.get(forged).status == 404)
            #expect(try client.post(forged, form: [("csrf", "x")]).status == 403)
        }
        // The last character of the MAC, changed.
        let flipped = String(first.dropLast()) + (first.hasSuffix("A") ? "B" : "A")
        #expect(try client.get(flipped).status == 404)

        // A newer request takes the older one's place.
        try installation.succeed(
            "queue", "add", "--user-id", budi.userID, "--email", budi.email, "--user-type", budi.userType)
        let messages = try installation.mail.waitForMessages(2) { _ in true }
        let second = String(try installation.link(in: messages[1]).dropFirst(installation.publicURL.count))
        let old = try client.get(first)
        #expect(old.status == 410)
        #expect(old.text.contains("Sudah ada tautan yang lebih baru"))

        // "Bukan saya": the page asks, the button cancels, the link is dead.
        let cancel = "\(second)/cancel"
        let page = try FormPage(try client.get(cancel))
        #expect(try client.post(second, form: [("csrf", page.csrf)]).status == 403, "a token for another form")
        #expect(try client.post(cancel, form: [("csrf", page.csrf)]).status == 200)
        #expect(try client.get(second).status == 410)
        #expect(try installation.totpState(of: budi) == "active")
        try service.stop(timeout: .seconds(15))
    }

    @Test("A link is built from publicURL, whatever Host the request names")
    func hostPoisoning() throws {
        let installation = try Installation()
        let service = try installation.start()
        let client = HTTPClient(port: installation.portal.number)
        let form = try FormPage(try client.get("/reset", headers: [("X-Forwarded-Host", "evil.example")]))
        let fields = [
            ("csrf", form.csrf), ("captcha", form.captcha),
            ("security_code", try installation.code(ofCaptcha: form.captcha)), ("user_id", budi.userID),
            ("email", budi.email), ("user_type", budi.userType),
        ]
        let answer = try client.post(
            "/reset", form: fields, headers: [("X-Forwarded-Host", "evil.example"), ("Forwarded", "host=evil.example")])
        #expect(answer.status == 303)
        let mail = try installation.resetMail(to: budi).parsed()
        for link in mail.links(in: .text) + mail.links(in: .html) {
            #expect(link.hasPrefix(installation.publicURL))
        }
        try service.stop(timeout: .seconds(15))
    }

    @Test("Another site's page cannot post the confirmation, even with a form token")
    func crossSite() throws {
        let installation = try Installation()
        let service = try installation.start()
        let path = try path(installation)
        let client = HTTPClient(port: installation.portal.number)
        let csrf = try FormPage(try client.get(path)).csrf
        for headers in [[("Sec-Fetch-Site", "cross-site")], [("Origin", "https://evil.example")]] {
            #expect(try client.post(path, form: [("csrf", csrf)], headers: headers).status == 403)
        }
        #expect(try installation.totpState(of: budi) == "active")
        try service.stop(timeout: .seconds(15))
    }
}
