package import Cryptography

/// Proves that a form which comes back was handed out by us, for this purpose and not long ago (CSRF). Stateless: the
/// time it was made and a MAC over time, purpose and subject.
package struct FormTokens: Sendable {
    /// How long a page may lie open before its button stops working.
    package static let lifetime = TimeSpan.hours(2)

    private let keys: SigningKeys

    package init(keys: SigningKeys) { self.keys = keys }

    package init(key: SecretKey) { self.init(keys: SigningKeys(key)) }

    /// - Parameters:
    ///   - purpose: which form: `reset`, `confirm`, `cancel`.
    ///   - subject: what it is bound to, such as the link's token; empty for a form that anyone may open.
    package func token(for purpose: String, subject: String, at now: Instant) -> String {
        let seconds = now.milliseconds / 1000
        return "\(seconds).\(mac(purpose, subject, seconds))"
    }

    /// Whether `token` was made by `token(for:subject:at:)` for the same purpose and subject within its lifetime.
    package func accepts(_ token: String, for purpose: String, subject: String, at now: Instant) -> Bool {
        let digits = token.utf8.prefix { $0 != UInt8(ascii: ".") }
        // Twelve digits reach far enough, and cannot overflow.
        guard digits.count <= 12, let seconds = Int64(Substring(digits)) else { return false }
        let made = Instant(milliseconds: seconds * 1000)
        // A token from the future by more than two clocks may differ was not made here.
        guard made <= now + .seconds(5), now < made + Self.lifetime else { return false }
        return constantTimeEqual(Array(self.token(for: purpose, subject: subject, at: made).utf8), Array(token.utf8))
    }

    private func mac(_ purpose: String, _ subject: String, _ seconds: Int64) -> String {
        let message = Array("form:\(seconds):\(purpose):\(subject)".utf8)
        let key = keys.key(at: Instant(milliseconds: seconds * 1000))
        return Base64URL.encode(Array(HMAC.code(.sha256, key: key.bytes, message: message).prefix(16)))
    }
}
