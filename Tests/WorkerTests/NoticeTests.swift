import Domain
import Foundation
import Support
import Testing

@testable import Worker

/// What owners are told of, from the queue to the courier and in the words that come with Pulih.
@Suite("Notices")
struct NoticeTests {
    @Test(
        "Each is mailed to the owner with its own template, in the language of the account",
        arguments: Notice.allCases, Language.allCases)
    func delivered(notice: Notice, language: Language) throws {
        let scene = try WorkerScene()
        let account = try scene.scene.newcomer("wayan", language: language)
        let payload = NoticePayload(account: account, at: scene.clock.now(), address: "192.0.2.9", remaining: 4)
        let order = try payload.job(for: notice, at: scene.clock.now())
        let job = try scene.store.write { try $0.enqueue(order) }
        try scene.working { _ in try scene.logger.settled(job) }
        let settled = try scene.scene.job(job)
        #expect((settled.state, settled.outcome, settled.kind) == (.done, "mailed", notice.rawValue))
        let mail = try #require(scene.courier.mails.first)
        #expect(scene.courier.mails.count == 1)
        #expect(mail.recipient == "wayan@example.org")
        #expect(mail.subject == "Pulih mail/\(language.rawValue)/\(notice.rawValue).subject")
        let when = LocalTimeFormatter(language: language, zone: .wib).full(scene.clock.now())
        #expect(mail.text == "\(when) 192.0.2.9" + (notice == .recovery ? " 4 left" : ""))
    }

    @Test("A payload without the number of recovery codes is mailed all the same", arguments: Notice.allCases)
    func oldPayload(notice: Notice) throws {
        let scene = try WorkerScene()
        let job = try scene.scene.enqueue(
            notice.rawValue, #"{"account": \#(scene.scene.budi), "at": 0, "address": "192.0.2.9"}"#)
        try scene.working { _ in try scene.logger.settled(job) }
        #expect(try scene.scene.job(job).outcome == "mailed")
        #expect(scene.courier.mails.first?.text == "Kamis, 1 Januari 1970 pukul 07.00 WIB 192.0.2.9")
    }

    /// Writes a notice with the templates that come with Pulih.
    private func mail(_ notice: Notice, _ language: Language, remaining: Int? = nil) throws -> RenderedMail {
        let templates = try MailTemplates(read: ProjectFile.template)
        var values = [
            "service": "Pulih", "helpdesk": "helpdesk@example.org", "public_url": "https://masuk.example.org",
            "user_id": "wayan", "at": "WHEN", "from": "192.0.2.9",
        ]
        values["remaining"] = remaining.map(String.init)
        return try #require(
            templates.render(
                TemplatedMail(
                    template: notice.template, language: language, recipient: "wayan@example.org", values: values,
                    messageID: "n@example.org", date: Instant(milliseconds: 0)), requestID: "r"))
    }

    @Test(
        "Each says what happened, when, from where and whom to tell; it loads and follows nothing",
        arguments: Notice.allCases, Language.allCases)
    func words(notice: Notice, language: Language) throws {
        let mail = try mail(notice, language)
        #expect(!mail.subject.isEmpty && !mail.subject.contains("{{"))
        for body in [mail.text, mail.html] {
            for fact in ["WHEN", "192.0.2.9", "wayan", "helpdesk@example.org"] {
                #expect(body.contains(fact), "\(fact)")
            }
            #expect(!body.contains("{{"))
        }
        #expect(mail.text.split(separator: "\n").allSatisfy { $0.count <= 78 })
        #expect(mail.html.contains("<html lang=\"\(language.rawValue)\">"))
        for word in ["<img", "<script", "<link", "url(", "src=", "@import"] {
            #expect(!mail.html.contains(word), "\(word)")
        }
        let targets = mail.html.matches(of: /href="([^"]*)"/).map { String($0.output.1) }
        #expect(Set(targets) == ["mailto:helpdesk@example.org", "https://masuk.example.org"])
    }

    @Test("No two notices read alike, and no notice reads alike in two languages")
    func different() throws {
        let mails = try Notice.allCases.flatMap { notice in
            try Language.allCases.map { try mail(notice, $0) }
        }
        #expect(Set(mails.map(\.subject)).count == mails.count)
        #expect(Set(mails.map(\.text)).count == mails.count)
        #expect(Set(mails.map(\.html)).count == mails.count)
    }

    @Test("How many recovery codes are left is told where it is known", arguments: Language.allCases)
    func remaining(language: Language) throws {
        let name = language == .english ? "Recovery codes left" : "Kode pemulihan tersisa"
        let known = try mail(.recovery, language, remaining: 0)
        #expect(known.text.contains(name) && known.html.contains(name))
        let unknown = try mail(.recovery, language)
        #expect(!unknown.text.contains(name) && !unknown.html.contains(name))
    }
}
