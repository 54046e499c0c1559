import Cryptography

/// Texts that a browser carries for us: lines and the second in which they were made, with a MAC over both. Nothing is
/// stored for them.
package struct SignedTexts: Sendable {
    private let keys: SigningKeys
    private let purpose: String
    private let lifetime: TimeSpan

    /// - Parameters:
    ///   - keys: any of the installation; those of these texts are derived from them.
    ///   - purpose: what they are, so that no text can be taken for one of another purpose.
    package init(keys: SigningKeys, purpose: String, lifetime: TimeSpan) {
        self.keys = keys
        self.purpose = purpose
        self.lifetime = lifetime
    }

    /// - Parameter lines: none holds a line feed.
    package func text(_ lines: [String], at now: Instant) -> String {
        let seconds = now.milliseconds / 1000
        let content = Array((["\(seconds)"] + lines).joined(separator: "\n").utf8)
        return "\(Base64URL.encode(content)).\(mac(content, madeAt: Instant(milliseconds: seconds * 1000)))"
    }

    /// Nil when it is not ours, or too old.
    package func lines(_ text: String, at now: Instant) -> [String]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, let content = Base64URL.decode(parts[0]) else { return nil }
        let lines = content.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        // Twelve digits reach far enough, and cannot overflow.
        guard lines[0].utf8.count <= 12, let seconds = Int64(lines[0]) else { return nil }
        let made = Instant(milliseconds: seconds * 1000)
        guard made <= now + .seconds(5), now < made + lifetime,
            constantTimeEqual(Array(mac(content, madeAt: made).utf8), Array(parts[1].utf8))
        else { return nil }
        return Array(lines.dropFirst())
    }

    private func mac(_ content: [UInt8], madeAt: Instant) -> String {
        let key = keys.key(at: madeAt).derived(for: purpose)
        return Base64URL.encode(HMAC.code(.sha256, key: key.bytes, message: content))
    }
}
