import Cryptography
import Domain
import Foundation
import HTTPServer
import SQL
import Store
import Support
import Testing

/// What outsiders write reaches these pages: User IDs, addresses, a relay's replies. None of it may become markup, and
/// what is secret may not be there at all.
struct DisclosureTests {
    static let polyglots = [
        #"jaVasCript:/*-/*`/*\`/*'/*"/**/(/* */oNcliCk=alert() )//</stYle/</titLe/</teXtarEa/</scRipt/--!>\x3csVg/<sVg/oNloAd=alert()//>"#,
        #""><img src=x onerror=alert(1)>"#, "'-alert(1)-'", "</dd></dl><script>alert(1)</script>",
        "{{words.site.name}}{{{title}}}{{> head}}", "&lt;script&gt;", "<!--", "]]>",
    ]

    /// The page's tags and attribute names, as a browser's parser sees them.
    private func skeleton(_ page: String) throws -> String {
        let parser = """
            import html.parser, sys
            class Skeleton(html.parser.HTMLParser):
                def handle_starttag(self, tag, attributes): print(tag, *(name for name, _ in attributes))
                def handle_endtag(self, tag): print('/' + tag)
                def handle_comment(self, text): print('comment')
            Skeleton().feed(sys.stdin.read())
            """
        return try Subprocess.output(of: "/usr/bin/python3", ["-c", parser], input: page)
    }

    /// The queue's page, its lists and a job's page with one text in every place that outsiders can fill.
    private func pages(holding text: String) throws -> [String] {
        let fixture = try OperationsFixture()
        try fixture.report(text, relay: "open", reason: text)
        let id = try fixture.enqueue(text)
        try fixture.settle(
            .retry(at: fixture.clock.now(), reason: text, unknown: true), attempt: fixture.attempt(reply: text))
        try fixture.sql(
            "UPDATE job SET kind = $1, outcome = $1, worker = $1 WHERE id = $2", [.text(text), .integer(id)])
        try fixture.sql("UPDATE attempt SET stage = $1, worker = $1", [.text(text)])
        let named = try fixture.enqueue(text)
        let kind = try #require(text.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
        let dead = try fixture.enqueue(text)
        try fixture.sql(
            "UPDATE job SET state = 'dead', kind = $1, outcome = $1, reason = $1, request_id = $1 WHERE id = $2",
            [.text(text), .integer(dead)])
        try fixture.sql("INSERT INTO lane_pause VALUES ($1, 1, $1, $1)", [.text(text)])
        try fixture.sql("UPDATE tally SET kind = $1, label = label || $1", [.text(text)])
        try fixture.database.write { [now = fixture.clock.now()] in
            try $0.append(
                AuditEvent(
                    name: .jobHeld, at: now, actor: text, subject: "job:\(dead)", address: text, detail: text))
        }
        let query = "kind=\(kind)&account=\(kind)&reason=\(kind)"
        return try [
            "/", "/?changed=\(dead)", "/jobs?kind=\(kind)", "/jobs?\(query)", "/jobs/\(id)", "/jobs/\(named)",
            "/jobs/\(dead)", "/?lang=id",
        ].map { try fixture.page($0) }
    }

    @Test(arguments: polyglots)
    func noTextBecomesMarkup(polyglot: String) throws {
        let (harmless, hostile) = (try pages(holding: "harmless"), try pages(holding: polyglot))
        for (one, other) in zip(harmless, hostile) {
            #expect(try skeleton(one) == skeleton(other))
            #expect(!other.contains(polyglot) || polyglot.allSatisfy { !"<>&\"'".contains($0) })
        }
    }

    @Test func theUserIDThatAPayloadNamesIsShownEscapedAndCut() throws {
        let fixture = try OperationsFixture()
        let long = try fixture.enqueue("<b>" + String(repeating: "x", count: 5000))
        let combined = try fixture.enqueue("e" + String(repeating: "\u{301}", count: 5000))
        let hidden = try fixture.enqueue("a\u{202e}b\u{200b}c\r\nd\u{1b}[31m")
        #expect(try fixture.page("/jobs/\(long)").contains("&lt;b&gt;" + String(repeating: "x", count: 61) + "…<"))
        #expect(try fixture.page("/jobs/\(combined)").utf8.count < 8000)
        #expect(
            try fixture.page("/jobs/\(hidden)").contains("<dd>a\u{fffd}b\u{fffd}c\u{fffd}\u{fffd}d\u{fffd}[31m</dd>"))
    }

    @Test func nothingOfAPayloadIsShownAnywhere() throws {
        let fixture = try OperationsFixture()
        try fixture.report()
        let dead = try fixture.enqueueDead()
        let ready = try fixture.enqueue()
        let addresses = [
            "/", "/?changed=\(dead)", "/jobs", "/jobs?account=budi", "/jobs?reason=550", "/jobs/\(dead)",
            "/jobs/\(ready)",
            "/readyz", "/metrics", "/api/v1/status", "/api/v1/jobs", "/api/v1/jobs/\(dead)", "/api/v1/jobs/\(ready)",
            "/api/v1/audit",
        ]
        #expect(try fixture.press("/jobs/\(dead)/hold", csrf: fixture.csrf(job: dead)).status == 409)
        #expect(try fixture.press("/jobs/\(ready)/hold", csrf: fixture.csrf(job: ready)).status == 303)
        for address in addresses {
            let page = try fixture.page(address)
            for canary in Canary.all { #expect(!page.contains(canary), "\(canary) in \(address)") }
        }
        #expect(!fixture.logger.lines.contains { $0.contains("canary") })
    }

    @Test func aLinkThatTheRelayQuotesIsNotShown() throws {
        let fixture = try OperationsFixture()
        let links = ResetLinks(key: OperationsFixture.key)
        let request = ResetRequest(
            id: Base64URL.encode([UInt8](repeating: 9, count: ResetRequest.idBytes)), account: 1, generation: 1, job: 1,
            state: .open, requestedAt: OperationsFixture.start, expiresAt: OperationsFixture.start, address: nil)
        let token = links.token(for: request)
        let reply =
            "554 5.7.1 blocked: http://127.0.0.1/reset/\(token)/cancel and reset%2F\(token). SES 0100019359b0a1d3-1"
        try fixture.report(relay: "open", reason: reply)
        let id = try fixture.enqueueDead(reason: reply)
        #expect(
            try fixture.order("/api/v1/jobs/\(id)/retry", #"{"why": "\#(reply)"}"#).status == 200,
            "somebody pastes it as the reason for a change")
        try fixture.pause("reset-notice", why: reply)
        #expect(try !fixture.send(.get, "/api/v1/audit").text.contains(token.suffix(43)))
        for address in ["/", "/jobs", "/jobs/\(id)", "/readyz", "/api/v1/status", "/api/v1/jobs/\(id)"] {
            let page = try fixture.send(.get, address).text
            #expect(page.contains("554 5.7.1 blocked: "), "\(address)")
            #expect(page.contains("0100019359b0a1d3-1"), "\(address)")
            #expect(!page.contains(token.suffix(43)), "\(address)")
        }
    }
}
