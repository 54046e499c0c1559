import Domain
import Foundation
import HTTPServer
import Pages
import Support
import Testing

@testable import Demo

struct InboxTests {
    private let folder: TemporaryFolder
    private let router: Router

    init() throws {
        folder = try TemporaryFolder()
        var router = Router { status, _ in Response(status: status) }
        Inbox(maildir: Maildir(folder: folder.path), pages: try Self.pages(), zone: .wib).add(to: &router)
        self.router = router
    }

    private static func pages() throws -> Pages { try loaded.get() }

    /// The templates that the program comes with.
    private static let loaded = Result {
        try Pages(
            Pages.Settings(language: .english, helpdesk: "helpdesk@example.org", isSecure: false),
            read: ProjectFile.template)
    }

    private func get(_ target: String) throws -> Response {
        router.answer(try Request(method: .get, target: target))
    }

    private func text(_ response: Response) -> String { String(decoding: response.body, as: UTF8.self) }

    private func receive(_ id: String, _ lines: String...) throws {
        try folder.write(lines.joined(separator: "\n"), to: "new/\(id)")
    }

    private func receiveLetter() throws {
        try receive(
            "1.M1P1Q1.h", "Subject: =?utf-8?q?Reset_=3Cb=3E?=", "From: Pulih <a@example.org>", "To: b@example.org",
            "Content-Type: multipart/alternative; boundary=b", "", "--b", "", "plain <i>text</i>", "--b",
            "Content-Type: text/html; charset=utf-8", "", "<a href=\"http://127.0.0.1/reset/x\">Reset</a>", "--b--", "")
    }

    @Test func theListTellsNewestFirstAndRefreshes() throws {
        #expect(try text(get("/inbox")).contains("No email yet."))
        try receiveLetter()
        try receive("2.M1P1Q1.h", "Subject: newer", "", "")
        let response = try get("/inbox")
        #expect(response.status == 200 && response.headers["Refresh"] == "3")
        let page = text(response)
        let newer = try #require(page.range(of: "/inbox/2.M1P1Q1.h")),
            older = try #require(page.range(of: "/inbox/1.M1P1Q1.h"))
        #expect(newer.lowerBound < older.lowerBound)
        #expect(page.contains("Reset &lt;b&gt;") && page.contains("Pulih &lt;a@example.org&gt;"))
        #expect(page.contains("Thursday, 1 January 1970, 07:00 WIB"))
        #expect(page.contains(#"<li><a href="/inbox" aria-current="page">Demo inbox</a></li>"#))
        #expect(page.contains(#"<li><a href="/">Queue</a></li>"#))
    }

    @Test func aMessageIsShownAsTextAndInASandboxedFrame() throws {
        try receiveLetter()
        let page = text(try get("/inbox/1.M1P1Q1.h"))
        #expect(page.contains("<h1>Reset &lt;b&gt;</h1>"))
        #expect(page.contains("plain &lt;i&gt;text&lt;/i&gt;"))
        #expect(
            page.contains(
                #"<iframe class="paper" src="/inbox/1.M1P1Q1.h/html" title="Reset &lt;b&gt;" "#
                    + #"sandbox="allow-popups allow-popups-to-escape-sandbox""#))
        #expect(!page.contains("http://127.0.0.1/reset/x"))
    }

    @Test func theHTMLPartRunsNothingAndLoadsNothing() throws {
        try receiveLetter()
        let response = try get("/inbox/1.M1P1Q1.h/html")
        #expect(response.headers["Content-Type"] == "text/html; charset=utf-8")
        #expect(
            response.headers.values("Content-Security-Policy") == [
                "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; "
                    + "sandbox allow-popups allow-popups-to-escape-sandbox"
            ])
        #expect(text(response) == #"<a href="http://127.0.0.1/reset/x">Reset</a><base target="_blank">"#)
    }

    @Test func theSourceIsPlainText() throws {
        try receive("1.M1P1Q1.h", "Subject: x", "", "<script>")
        let response = try get("/inbox/1.M1P1Q1.h/raw")
        #expect(response.headers["Content-Type"] == "text/plain; charset=utf-8")
        #expect(response.headers["X-Content-Type-Options"] == "nosniff")
        #expect(text(response) == "Subject: x\n\n<script>")
    }

    @Test func aMailWithoutHTMLHasNoFrame() throws {
        try receive("1.M1P1Q1.h", "Subject: x", "", "text")
        #expect(try !text(get("/inbox/1.M1P1Q1.h")).contains("<iframe"))
        #expect(try get("/inbox/1.M1P1Q1.h/html").status == 404)
    }

    @Test func aMailOfNothingIsStillShown() throws {
        try receive("1.M1P1Q1.h", "")
        #expect(try get("/inbox").status == 200)
        #expect(try get("/inbox/1.M1P1Q1.h").status == 200)
    }

    @Test(arguments: ["/inbox/2.M1P1Q1.h", "/inbox/..%2Fsecret", "/inbox/%2e%2e", "/inbox/x/raw", "/inbox/x/html"])
    func whatIsNoMailIsNotFound(target: String) throws {
        try folder.write("secret", to: "secret")
        try receiveLetter()
        let response = try get(target)
        #expect(response.status == 404)
        #expect(!text(response).contains("secret"))
    }

    @Test func everyNameInTheTemplatesResolves() throws {
        #expect(try Inbox.templateProblems(Self.pages()) == [])
    }
}
