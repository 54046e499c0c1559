import FoundationEssentials

/// A mail before it is written: which template, for whom, with what in it. Computed from the job alone, so every attempt
/// yields the same letter.
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
    package let text: String
    package let html: String
    /// Without angle brackets.
    package let messageID: String
    package let date: Instant
    /// See `Job.requestID`.
    package let requestID: String

    package init(
        recipient: String, subject: String, text: String, html: String, messageID: String, date: Instant,
        requestID: String
    ) {
        self.recipient = recipient
        self.subject = subject
        self.text = text
        self.html = html
        self.messageID = messageID
        self.date = date
        self.requestID = requestID
    }
}

/// What became of one attempt to deliver.
package struct Delivery: Sendable, Equatable {
    package enum Outcome: String, Sendable, CaseIterable {
        /// The relay answered 250 to the body.
        case delivered
        /// Try this mail again later.
        case temporary
        /// This mail will never go.
        case permanent
        /// The relay, or the way to it, is at fault; the mail was not tried.
        case relayFault = "relay-fault"
        /// The body went out and no answer came back.
        case unknown
    }

    /// Every step an attempt can end at, in their order: writing the mail, then the conversation with the relay.
    package static let stages = [
        "render", "message", "resolve", "connect", "tls", "greeting", "hello", "authentication", "sender", "recipient",
        "data", "body",
    ]

    package let outcome: Outcome
    /// One of `stages`.
    package let stage: String
    package let code: Int?
    package let reply: String
    /// One sentence for operators: host, port, step, reply, likely cure.
    package let explanation: String
    package let seconds: Double
    package let reusedConnection: Bool

    package init(
        verdict: Outcome, stage: String, code: Int?, reply: String, explanation: String, seconds: Double,
        reusedConnection: Bool
    ) {
        self.outcome = verdict
        self.stage = stage
        self.code = code
        self.reply = reply
        self.explanation = explanation
        self.seconds = seconds
        self.reusedConnection = reusedConnection
    }
}

/// Sends one mail after another over one connection. Used by one thread.
package protocol Courier {
    func deliver(_ mail: RenderedMail) -> Delivery
}
