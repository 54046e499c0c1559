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
    /// What the HTML of every mail is framed by, from `templates/mail/NAME.html`.
    private let frame: [String: Template]
    private static let frameNames = ["begin", "card", "end"]

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
    package init(read: (String) -> String?) throws {
        var problems: [String] = []
        let frame = Self.frameNames.reduce(into: [:]) { $0[$1] = Self.parse("mail/\($1).html", .html, read, &problems) }
        self.frame = frame
        for language in Language.allCases {
            for template in TemplatedMail.Template.allCases {
                let base = "mail/\(language.rawValue)/\(template.rawValue)"
                var sample = Self.samples[template] ?? [:]
                let subject = Self.load("\(base).subject", .none, sample, [:], read, &problems)
                let text = Self.load("\(base).txt", .none, sample, [:], read, &problems)
                sample.merge(Self.framing("subject", language)) { $1 }
                let html = Self.load("\(base).html", .html, sample, frame, read, &problems)
                if let subject, let text, let html {
                    parts[Self.key(template, language)] = Parts(subject: subject, text: text, html: html)
                    for (file, part) in [("\(base).txt", text), ("\(base).html", html)] {
                        for name in Self.required[template, default: []].subtracting(part.names()).sorted() {
                            problems.append("\(file): {{\(name)}} is missing; the mail would be of no use without it")
                        }
                    }
                }
            }
        }
        guard problems.isEmpty else { throw MailTemplateErrors(problems: problems) }
    }

    /// Writes a letter out; nil when there is no template for it.
    func render(_ letter: TemplatedMail, requestID: String) -> RenderedMail? {
        guard let parts = parts[Self.key(letter.template, letter.language)] else { return nil }
        let context = Value.dictionary(letter.values.mapValues { .text($0) })
        // A subject is one line, whatever the file ends with.
        let subject = parts.subject.render(context).split(whereSeparator: \.isNewline).joined(separator: " ")
        let framed = letter.values.merging(Self.framing(subject, letter.language)) { $1 }
        return RenderedMail(
            recipient: letter.recipient, subject: subject, text: parts.text.render(context),
            html: parts.html.render(.dictionary(framed.mapValues { .text($0) }), partials: frame),
            messageID: letter.messageID, date: letter.date, requestID: requestID)
    }

    /// What the frame names beside the letter's own values.
    private static func framing(_ subject: String, _ language: Language) -> [String: String] {
        ["subject": subject, "lang": language.rawValue]
    }

    private static func key(_ template: TemplatedMail.Template, _ language: Language) -> String {
        "\(language.rawValue)/\(template.rawValue)"
    }

    private static func load(
        _ file: String, _ escaping: Escaping, _ sample: [String: String], _ partials: [String: Template],
        _ read: (String) -> String?, _ problems: inout [String]
    ) -> Template? {
        guard let template = parse(file, escaping, read, &problems) else { return nil }
        let context = Value.dictionary(sample.mapValues { .text($0) })
        problems += template.problems(against: context, partials: partials).map(\.description)
        return template
    }

    private static func parse(
        _ file: String, _ escaping: Escaping, _ read: (String) -> String?, _ problems: inout [String]
    ) -> Template? {
        guard let source = read(file) else {
            problems.append("\(file): the file is missing or not UTF-8")
            return nil
        }
        do { return try Template(source, name: file, escaping: escaping) } catch { problems.append("\(error)") }
        return nil
    }
}

/// Every mistake found in the templates, one line each with file and line.
package struct MailTemplateErrors: PresentableError {
    package let problems: [String]

    package init(problems: [String]) { self.problems = problems }

    package var sentence: String { "The templates have \(problems.count) mistake(s)." }
    package var detail: String { problems.joined(separator: "\n") }
}
