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

    /// What each template may name, with a sample of it; a name outside is a mistake.
    private static let samples: [Letter.Template: [String: String]] = {
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
    private static let required: [Letter.Template: Set<String>] = [
        .resetLink: ["link"], .resetNotice: ["at"], .activationNotice: ["at"], .disablingNotice: ["at"],
        .failureNotice: ["at"], .recoveryNotice: ["at", "remaining"], .test: [],
    ]

    /// - Parameter read: the text of a file below the templates' folder, such as `mail/id/reset-link.txt`, or nil.
    /// - Throws: `TemplateFaults` with every mistake in every file.
    package init(read: (String) -> String?) throws {
        var problems: [String] = []
        for language in Language.allCases {
            for template in Letter.Template.allCases {
                let base = "mail/\(language.rawValue)/\(template.rawValue)"
                let subject = Self.load("\(base).subject", .none, template, read, &problems)
                let text = Self.load("\(base).txt", .none, template, read, &problems)
                let html = Self.load("\(base).html", .html, template, read, &problems)
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
        guard problems.isEmpty else { throw TemplateFaults(problems: problems) }
    }

    /// Writes a letter out; nil when there is no template for it.
    func write(_ letter: Letter, requestID: String) -> OutgoingMail? {
        guard let parts = parts[Self.key(letter.template, letter.language)] else { return nil }
        let context = Value.dictionary(letter.values.mapValues { .text($0) })
        return OutgoingMail(
            recipient: letter.recipient,
            // A subject is one line, whatever the file ends with.
            subject: parts.subject.render(context).split(whereSeparator: \.isNewline).joined(separator: " "),
            text: parts.text.render(context), html: parts.html.render(context), messageID: letter.messageID,
            date: letter.date, requestID: requestID)
    }

    private static func key(_ template: Letter.Template, _ language: Language) -> String {
        "\(language.rawValue)/\(template.rawValue)"
    }

    private static func load(
        _ file: String, _ escaping: Escaping, _ template: Letter.Template, _ read: (String) -> String?,
        _ problems: inout [String]
    ) -> Template? {
        guard let source = read(file) else {
            problems.append("\(file): the file is missing or not UTF-8")
            return nil
        }
        do {
            let parsed = try Template(source, name: file, escaping: escaping)
            let sample = Value.dictionary((samples[template] ?? [:]).mapValues { .text($0) })
            problems += parsed.problems(against: sample, partials: [:]).map(\.description)
            return parsed
        } catch {
            problems.append("\(error)")
            return nil
        }
    }
}

/// Every mistake found in the templates, one line each with file and line.
package struct TemplateFaults: Fault {
    package let problems: [String]

    package init(problems: [String]) { self.problems = problems }

    package var sentence: String { "The templates have \(problems.count) mistake(s)." }
    package var detail: String { problems.joined(separator: "\n") }
}
