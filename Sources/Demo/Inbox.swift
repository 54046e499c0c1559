package import Domain
package import HTTPServer
import MIME
import Mustache
package import Operations
package import Pages

/// The demo's mailbox: what the mail server received, for reading in a browser.
package struct Inbox: Sendable {
    package static let link = Navigation.Link(label: "inbox.title", href: "/inbox")

    /// Seconds after which the browser asks for the list again.
    private static let refresh = 3
    private static let mostListed = 100
    /// Enough of a mail for its headers, and for all of it.
    private static let headBytes = 64 * 1024
    private static let mailBytes = 4 * 1024 * 1024

    private let maildir: Maildir
    private let pages: Pages
    private let zone: LocalTimeZone
    private let navigation = Navigation(adding: [link])

    package init(maildir: Maildir, pages: Pages, zone: LocalTimeZone) {
        self.maildir = maildir
        self.pages = pages
        self.zone = zone
    }

    /// Adds the mailbox's pages to those of the operations.
    package func add(to router: inout Router) {
        router.get("/inbox") { request, _ in showList(request) }
        router.get("/inbox/{id}") { request, path in
            withMail(path["id"], request) { entry, bytes in showMessage(entry, MIMEMessage(bytes), request) }
        }
        router.get("/inbox/{id}/html") { request, path in
            withMail(path["id"], request) { _, bytes in
                MIMEMessage(bytes).html.map(Self.frame) ?? notFound(request)
            }
        }
        router.get("/inbox/{id}/raw") { request, path in
            withMail(path["id"], request) { _, bytes in
                var response = Response.bytes(bytes, type: "text/plain; charset=utf-8")
                SecurityHeaders.add(to: &response, isSecure: false)
                return response
            }
        }
    }

    private func showList(_ request: Request) -> Response {
        let viewer = pages.viewer(request)
        let words = pages.words(for: viewer)
        let time = LocalTimeFormatter(language: viewer.language, zone: zone)
        let messages = maildir.entries.prefix(Self.mostListed).compactMap { entry in
            maildir.bytes(of: entry, atMost: Self.headBytes).map { bytes in
                Value.dictionary(Self.summary(entry, MIMEMessage(bytes), time))
            }
        }
        let context = navigation.context(words, current: Self.link).merging(["messages": .list(messages)]) { $1 }
        var response = pages.draw(.inbox, title: "inbox.title", for: viewer, context)
        response.set("Refresh", "\(Self.refresh)")
        return response
    }

    private func showMessage(_ entry: Maildir.Entry, _ message: MIMEMessage, _ request: Request) -> Response {
        let viewer = pages.viewer(request)
        let time = LocalTimeFormatter(language: viewer.language, zone: zone)
        let context = navigation.context(pages.words(for: viewer), current: nil)
            .merging(Self.context(entry, message, time)) { $1 }
        return pages.draw(.message, title: message.header("Subject") ?? "inbox.title", for: viewer, context)
    }

    private func withMail(
        _ id: String, _ request: Request, _ body: (Maildir.Entry, [UInt8]) -> Response
    ) -> Response {
        guard let entry = maildir.entry(id), let bytes = maildir.bytes(of: entry, atMost: Self.mailBytes) else {
            return notFound(request)
        }
        return body(entry, bytes)
    }

    private func notFound(_ request: Request) -> Response {
        let words = pages.words(for: pages.viewer(request))
        return pages.draw(
            .notFound, for: request, next: (Self.link.href, "inbox.back"), navigation.context(words, current: nil))
    }

    /// The HTML part as a page of its own, for a frame: no script, nothing loaded, and links open beside it, since the
    /// pages they lead to do not let themselves be framed.
    private static func frame(_ html: String) -> Response {
        var response = Response.html(html + #"<base target="_blank">"#)
        SecurityHeaders.add(to: &response, isSecure: false)
        response.set(
            "Content-Security-Policy",
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; "
                + "sandbox allow-popups allow-popups-to-escape-sandbox")
        // Browsers refuse to open a sandboxed page in a tab when it asks for an opener policy.
        response.set("Cross-Origin-Opener-Policy", "unsafe-none")
        return response
    }

    private static func summary(
        _ entry: Maildir.Entry, _ message: MIMEMessage, _ time: LocalTimeFormatter
    ) -> [String: Value] {
        [
            "id": .text(entry.id), "subject": .text(message.header("Subject") ?? "-"),
            "from": .text(message.header("From") ?? "-"), "to": .text(message.header("To") ?? "-"),
            "date": .text(time.full(entry.receivedAt)), "href": .text("/inbox/\(entry.id)"),
        ]
    }

    private static func context(
        _ entry: Maildir.Entry, _ message: MIMEMessage, _ time: LocalTimeFormatter
    ) -> [String: Value] {
        let own: [String: Value] = [
            "headers": .list(message.headers.map { ["name": .text($0.name), "value": .text($0.value)] }),
            "text_body": .text(message.text ?? ""),
            "html_src": message.html == nil ? .absent : .text("/inbox/\(entry.id)/html"),
            "raw_href": .text("/inbox/\(entry.id)/raw"), "inbox_href": .text(link.href),
        ]
        return summary(entry, message, time).merging(own) { $1 }
    }

    /// Holds the mailbox's templates against a sample of what they are drawn with.
    package static func templateProblems(_ pages: Pages) -> [String] {
        let sample = "Subject: sample\nContent-Type: text/html\n\nsample"
        let message = MIMEMessage(Array(sample.utf8))
        let entry = Maildir.Entry(id: "sample", receivedAt: Instant(milliseconds: 0), path: "", order: [])
        let time = LocalTimeFormatter(language: .indonesian, zone: .utc)
        let frame = Navigation().context(pages.words(.indonesian), current: nil)
        let list: [String: Value] = ["messages": [.dictionary(summary(entry, message, time))]]
        return pages.problems(.inbox, frame.merging(list) { $1 })
            + pages.problems(.message, frame.merging(context(entry, message, time)) { $1 })
    }
}
