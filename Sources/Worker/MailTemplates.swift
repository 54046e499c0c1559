import Domain
import Mustache

/// The mails' templates, parsed and checked once.
package struct MailTemplates: Sendable {
    private struct Parts: Sendable {
        let subject: Template
        let text: Template
        let html: Template
    }

    private var parts: [String: Parts] = [:]
    /// What the mails include, from `templates/mail/NAME.html` and `templates/mail/NAME.txt`.
    private let htmlPartials: [String: Template]
    private let textPartials: [String: Template]

    /// What each template may name, with a sample of it; a name outside is a mistake.
    private static let samples: [TemplatedMail.Template: [String: String]] = {
        let notice = ["user_id": "budi", "at": "now", "from": "192.0.2.1"]
        let shared = ["service": "Pulih", "helpdesk": "helpdesk@example.org", "public_url": "https://example.org"]
        return [
            .resetLink: [
                "user_id": "budi", "link": "https://example.org/reset/x", "requested_at": "now",
                "cancel_link": "https://example.org/reset/x/cancel", "requested_from": "192.0.2.1",
                "expires_at": "later", "lifetime_minutes": "30",
            ],
            .resetNotice: notice, .activationNotice: notice, .disablingNotice: notice, .failureNotice: notice,
            .recoveryNotice: notice.merging(["remaining": "7", "is_running_out": "yes"]) { $1 },
            .test: ["sent_at": "now", "host": "example.org", "request_id": "1"],
        ].mapValues { shared.merging($0) { $1 } }
    }()

    /// What a template must name to be of any use.
    private static let required: [TemplatedMail.Template: Set<String>] = [
        .resetLink: ["link"], .resetNotice: ["at"], .activationNotice: ["at"], .disablingNotice: ["at"],
        .failureNotice: ["at"], .recoveryNotice: ["at", "remaining"], .test: [],
    ]

    /// - Parameter read: the text of a file below the templates' folder, such as `mail/id/reset-link.txt`, or nil.
    /// - Throws: `MailTemplateErrors` with every mistake in every file.
    package init(read: @escaping (String) -> String?) throws {
        var loader = TemplateLoader(read: read)
        for language in Language.allCases {
            for template in TemplatedMail.Template.allCases {
                let base = "mail/\(language.rawValue)/\(template.rawValue)"
                let subject = loader.template("\(base).subject", escaping: .none)
                let text = loader.template("\(base).txt", escaping: .none)
                let html = loader.template("\(base).html")
                guard let subject, let text, let html else { continue }
                parts[Self.key(template, language)] = Parts(subject: subject, text: text, html: html)
            }
        }
        htmlPartials = loader.partials(of: parts.values.map(\.html), in: "mail/", ending: ".html")
        textPartials = loader.partials(of: parts.values.map(\.text), in: "mail/", ending: ".txt")
        let problems = loader.problems + contentProblems()
        guard problems.isEmpty else { throw MailTemplateErrors(problems: problems) }
    }

    /// Names that nothing has, and names that are missed.
    private func contentProblems() -> [String] {
        Language.allCases.flatMap { language in
            TemplatedMail.Template.allCases.flatMap { template -> [String] in
                guard let mail = parts[Self.key(template, language)] else { return [] }
                let sample = Self.samples[template] ?? [:]
                let framed = sample.merging(Self.framing("subject", language)) { $1 }
                return [
                    mail.subject.problems(against: Self.context(sample)).map(\.description),
                    problems(of: mail.text, textPartials, sample, for: template),
                    problems(of: mail.html, htmlPartials, framed, for: template),
                ].flatMap { $0 }
            }
        }
    }

    private func problems(
        of body: Template, _ partials: [String: Template], _ sample: [String: String],
        for template: TemplatedMail.Template
    ) -> [String] {
        let missing = Self.required[template, default: []].subtracting(body.names(partials: partials)).sorted()
        return body.problems(against: Self.context(sample), partials: partials).map(\.description)
            + missing.map { "\(body.name): {{\($0)}} is missing; the mail would be of no use without it" }
    }

    /// Writes a letter out; nil when there is no template for it.
    func render(_ letter: TemplatedMail, requestID: String, returnAddress: String? = nil) -> RenderedMail? {
        guard let parts = parts[Self.key(letter.template, letter.language)] else { return nil }
        var values = letter.values.mapValues { Value.text($0) }
        // A subject is one line, whatever the file ends with.
        let subject = parts.subject.render(.dictionary(values)).split(whereSeparator: \.isNewline)
            .joined(separator: " ")
        for (name, text) in Self.framing(subject, letter.language) { values[name] = .text(text) }
        let context = Value.dictionary(values)
        return RenderedMail(
            recipient: letter.recipient, subject: subject,
            text: parts.text.renderBytes(context, partials: textPartials),
            html: parts.html.renderBytes(context, partials: htmlPartials),
            messageID: letter.messageID, date: letter.date, requestID: requestID,
            returnAddress: returnAddress)
    }

    private static func context(_ values: [String: String]) -> Value { .dictionary(values.mapValues { .text($0) }) }

    /// What the frame names beside the letter's own values.
    private static func framing(_ subject: String, _ language: Language) -> [String: String] {
        ["subject": subject, "lang": language.rawValue]
    }

    private static func key(_ template: TemplatedMail.Template, _ language: Language) -> String {
        "\(language.rawValue)/\(template.rawValue)"
    }
}

/// Every mistake found in the templates, one line each with file and line.
package struct MailTemplateErrors: PresentableError {
    package let problems: [String]

    package init(problems: [String]) { self.problems = problems.toldOnce }

    package var sentence: String { "The templates have \(problems.count) mistake(s)." }
    package var detail: String { problems.joined(separator: "\n") }
}
