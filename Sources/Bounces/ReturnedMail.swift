package import MIME

// Bounces: reads what comes back for a mail: delivery reports, plain bounces, automatic answers. It knows no job and no
// database, and trusts nothing that it reads. Begin with `ReturnedMail`.

/// A mail that came to a return address: to which addresses, and what it says of the mail that was sent.
package struct ReturnedMail: Sendable {
    package enum Meaning: Sendable, Equatable {
        /// The mail will not be delivered.
        case failed(Report)
        /// It was not delivered so far and is still tried.
        case delayed(Report)
        /// It was delivered or handed on.
        case delivered(Report)
        /// A machine answered for a person, such as a vacation notice (RFC 3834).
        case automaticReply
        /// No report that can be read.
        case unknown
    }

    /// What a mail server says of one recipient.
    package struct Report: Sendable, Equatable {
        /// An enhanced status code (RFC 3463), such as `5.1.1`; nil without one.
        package let status: String?
        /// The server's words, on one line.
        package let words: String

        package init(status: String?, words: String) {
            self.status = status
            self.words = words
        }
    }

    /// How many bytes of a message are looked at: a report is at the beginning, and what follows is the mail it is about.
    package static let mostBytes = 1 << 20

    package let message: MIMEMessage
    package let meaning: Meaning

    /// - Parameter bytes: of the message; what is beyond `mostBytes` is passed over.
    package init(_ bytes: [UInt8]) {
        message = MIMEMessage(Self.withoutSeparator(Array(bytes.prefix(Self.mostBytes))))
        meaning =
            DeliveryReport.read(message) ?? PlainReport.read(message)
            ?? (Self.isAutomatic(message) ? .automaticReply : .unknown)
    }

    /// Exim's pipes begin with the line that separates mails in a mailbox file (RFC 4155), which is no header.
    private static func withoutSeparator(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.starts(with: "From ".utf8), let line = Lines.first(of: bytes[...]) else { return bytes }
        return Array(bytes[line.end...])
    }

    /// Headers in which mail servers say for whom a message came, the surest first.
    private static let recipientHeaders = ["Delivered-To", "X-Original-To", "Envelope-To", "To"]
    private static let mostRecipients = 100

    /// The addresses that the message says it came for; anybody can write them.
    package var recipients: [String] {
        let values = Self.recipientHeaders.flatMap { name in
            message.whole.headers.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
        }
        return Array(values.lazy.flatMap(Self.addresses).prefix(Self.mostRecipients))
    }

    /// `Name <a@b>, c@d`: what is between angle brackets, or all of a piece without them.
    private static func addresses(_ value: String) -> [String] {
        value.split(separator: ",").map { piece in
            let inner = piece.split(separator: "<", omittingEmptySubsequences: false).last ?? piece
            return String(inner.prefix { $0 != ">" }.filter { !$0.isWhitespace })
        }
    }

    /// What RFC 3834 section 5 asks of machines that answer, and what those did before it.
    private static func isAutomatic(_ message: MIMEMessage) -> Bool {
        let submitted = (message.header("Auto-Submitted") ?? "no").lowercased()
        let precedence = (message.header("Precedence") ?? "").lowercased()
        return !submitted.hasPrefix("no") || precedence.hasPrefix("auto")
            || ["X-Autoreply", "X-Autorespond", "X-Auto-Response-Suppress"].contains { message.header($0) != nil }
    }
}
