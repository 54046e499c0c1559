import Domain
import Testing

@testable import Worker

@Suite("Mail templates")
struct MailTemplatesTests {
    private func faults(_ changes: [String: String?]) -> [String] {
        do {
            _ = try MailTemplates { file in
                if let change = changes[file] { return change }
                if file.contains("recovery") { return "{{{at}}} {{#remaining}}{{{remaining}}}{{/remaining}}" }
                return file.contains("reset-link")
                    ? "{{{link}}}" : "{{{at}}}".replacing("at", with: file.contains("notice") ? "at" : "host")
            }
            return []
        } catch let faults as MailTemplateErrors {
            return faults.problems
        } catch {
            return ["\(error)"]
        }
    }

    @Test("Templates that name what there is are taken")
    func good() {
        #expect(faults([:]).isEmpty)
    }

    @Test("Every mistake in every file is told at once, with its place")
    func bad() {
        let problems = faults([
            "mail/id/reset-link.txt": "no link at all", "mail/id/reset-link.html": "{{link}} {{linkk}}",
            "mail/en/reset-notice.subject": nil, "mail/en/test.txt": "{{#open}}",
            "mail/id/recovery-notice.html": "{{at}}", "mail/en/disable-notice.txt": "{{at}} {{remaining}}",
        ])
        #expect(problems.count == 6)
        #expect(problems.contains { $0.hasPrefix("mail/id/recovery-notice.html: {{remaining}} is missing") })
        #expect(problems.contains { $0.hasPrefix("mail/en/disable-notice.txt:1") && $0.contains("remaining") })
        #expect(
            problems.contains("mail/id/reset-link.txt: {{link}} is missing; the mail would be of no use without it"))
        #expect(problems.contains("mail/en/reset-notice.subject: the file is missing or not UTF-8"))
        #expect(problems.contains { $0.hasPrefix("mail/id/reset-link.html:1") && $0.contains("linkk") }, "\(problems)")
        #expect(problems.contains { $0.hasPrefix("mail/en/test.txt:1") }, "\(problems)")
    }

    @Test("A subject is one line, text is written as it is, HTML is escaped")
    func write() throws {
        let templates = try MailTemplates { file in
            if file.hasSuffix(".subject") {
                return "Reset\r\n {{{user_id}}}\n\n".replacing(
                    "user_id", with: file.contains("test") ? "host" : "user_id")
            }
            if file.contains("reset-link") { return "{{user_id}} {{link}}" }
            if file.contains("recovery") { return "{{at}} {{remaining}}" }
            return file.contains("notice") ? "{{at}}" : "{{host}}"
        }
        let letter = TemplatedMail(
            template: .resetLink, language: .english, recipient: "budi@example.org",
            values: ["user_id": "<b>&", "link": "https://example.org/?a=1&b=2"], messageID: "id@example.org",
            date: Instant(milliseconds: 5))
        let mail = try #require(templates.render(letter, requestID: "r"))
        #expect(mail.subject == "Reset  <b>&")
        #expect(mail.text == "<b>& https://example.org/?a=1&b=2")
        #expect(mail.html == "&lt;b&gt;&amp; https://example.org/?a=1&amp;b=2")
        #expect(
            (mail.recipient, mail.messageID, mail.date) == (
                "budi@example.org", "id@example.org", Instant(milliseconds: 5)
            ))
    }
}
