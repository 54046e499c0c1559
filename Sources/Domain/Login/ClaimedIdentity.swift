package import Cryptography

/// The first step of a login: the User ID that somebody claims, whether or not there is such an account. A browser
/// carries it to the password page in a cookie; nothing is stored for it.
package struct ClaimedIdentity: Sendable, Equatable {
    package let userID: String
    /// The user types that the button in "Pilih Jenis User" stood for.
    package let userTypes: [String]

    package init(userID: String, userTypes: [String]) {
        self.userID = userID
        self.userTypes = userTypes
    }
}

/// Makes tickets and recognises its own: text and time with a MAC over both.
package struct ClaimedIdentities: Sendable {
    /// How long somebody may take to find the password.
    package static let lifetime = TimeSpan.minutes(15)

    private let keys: SigningKeys

    /// - Parameter keys: any of the installation; those of tickets are derived from them.
    package init(keys: SigningKeys) { self.keys = keys }

    package init(key: SecretKey) { self.init(keys: SigningKeys(key)) }

    /// What the cookie says.
    package func text(_ ticket: ClaimedIdentity, at now: Instant) -> String {
        let seconds = now.milliseconds / 1000
        let content = Array("\(seconds)\n\(ticket.userID)\n\(ticket.userTypes.joined(separator: ","))".utf8)
        return "\(Base64URL.encode(content)).\(mac(content, madeAt: Instant(milliseconds: seconds * 1000)))"
    }

    /// Nil when it is not ours, or too old.
    package func ticket(_ text: String, at now: Instant) -> ClaimedIdentity? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, let content = Base64URL.decode(parts[0]) else { return nil }
        let lines = content.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        // Twelve digits reach far enough, and cannot overflow.
        guard lines.count == 3, lines[0].utf8.count <= 12, let seconds = Int64(lines[0]) else { return nil }
        let made = Instant(milliseconds: seconds * 1000)
        guard made <= now + .seconds(5), now < made + Self.lifetime,
            constantTimeEqual(Array(mac(content, madeAt: made).utf8), Array(parts[1].utf8))
        else { return nil }
        return ClaimedIdentity(userID: lines[1], userTypes: lines[2].split(separator: ",").map(String.init))
    }

    private func mac(_ content: [UInt8], madeAt: Instant) -> String {
        let key = keys.key(at: madeAt).derived(for: "login tickets")
        return Base64URL.encode(HMAC.code(.sha256, key: key.bytes, message: content))
    }
}
