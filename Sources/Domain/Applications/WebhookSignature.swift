import Cryptography
import FoundationEssentials

/// A secret that events are signed with, as the Standard Webhooks specification writes it: `whsec_` and 24 to 64 bytes in
/// base64. No description shows it.
package struct WebhookSecret: Sendable {
    private static let prefix = "whsec_"

    fileprivate let bytes: [UInt8]

    /// Nil for what is no such secret.
    package init?(_ text: String) {
        guard text.hasPrefix(Self.prefix), let data = Data(base64Encoded: String(text.dropFirst(Self.prefix.count))),
            (24...64).contains(data.count)
        else { return nil }
        bytes = Array(data)
    }
}

extension WebhookSecret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "WebhookSecret(…)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// Signs messages after the Standard Webhooks specification: HMAC-SHA256 over id, time and body.
package struct WebhookSigner: Sendable {
    private let secrets: [WebhookSecret]

    /// - Parameter secrets: two during a rotation, so that a receiver which knows either one is content.
    package init(_ secrets: [WebhookSecret]) { self.secrets = secrets }

    /// The headers of one attempt, `NAME: VALUE`.
    /// - Parameter now: of the attempt: receivers refuse what is old, so that nobody can send it again.
    package func headers(of message: WebhookMessage, at now: Instant) -> [String] {
        let seconds = now.milliseconds.flooredDivision(by: 1000).quotient
        let signed = Array("\(message.id).\(seconds).\(message.body)".utf8)
        let signatures = secrets.map { secret in
            "v1,\(Data(HMAC.code(.sha256, key: secret.bytes, message: signed)).base64EncodedString())"
        }
        return [
            "webhook-id: \(message.id)", "webhook-timestamp: \(seconds)",
            "webhook-signature: \(signatures.joined(separator: " "))",
        ]
    }
}
