import FoundationEssentials

/// A mail before it is written: which template, for whom, with what in it. Computed from the job alone, so every attempt
/// yields the same mail.
package struct TemplatedMail: Sendable, Equatable {
    /// Templates under `templates/mail/<language>/`.
    package enum Template: String, Sendable, CaseIterable {
        case resetLink = "reset-link"
        case resetNotice = "reset-notice"
        case activationNotice = "activation-notice"
        case disablingNotice = "disable-notice"
        case failureNotice = "failure-notice"
        case recoveryNotice = "recovery-notice"
        case test
    }

    package let template: Template
    package let language: Language
    package let recipient: String
    /// What the template may name.
    package let values: [String: String]
    package let messageID: String
    package let date: Instant

    package init(
        template: Template, language: Language, recipient: String, values: [String: String], messageID: String,
        date: Instant
    ) {
        self.template = template
        self.language = language
        self.recipient = recipient
        self.values = values
        self.messageID = messageID
        self.date = date
    }
}

/// A mail as it goes to the relay: text only, no policy.
package struct RenderedMail: Sendable, Equatable {
    package let recipient: String
    package let subject: String
    /// In UTF-8, as it is written out; `text` and `html` are for reading.
    package let textBytes: [UInt8]
    package let htmlBytes: [UInt8]
    /// Without angle brackets.
    package let messageID: String
    package let date: Instant
    /// See `Job.requestID`.
    package let requestID: String
    /// The envelope's sender; nil where none but the configured sender's is known.
    package let returnAddress: String?

    package init(
        recipient: String, subject: String, text: [UInt8], html: [UInt8], messageID: String, date: Instant,
        requestID: String, returnAddress: String? = nil
    ) {
        self.recipient = recipient
        self.subject = subject
        textBytes = text
        htmlBytes = html
        self.messageID = messageID
        self.date = date
        self.requestID = requestID
        self.returnAddress = returnAddress
    }
    package var text: String { String(decoding: textBytes, as: UTF8.self) }
    package var html: String { String(decoding: htmlBytes, as: UTF8.self) }
}
