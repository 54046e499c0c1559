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

/// Makes tickets and recognises its own.
package struct ClaimedIdentities: Sendable {
    /// How long somebody may take to find the password.
    package static let lifetime = TimeSpan.minutes(15)

    private let texts: SignedTexts

    /// - Parameter keys: any of the installation; those of tickets are derived from them.
    package init(keys: SigningKeys) {
        texts = SignedTexts(keys: keys, purpose: "login tickets", lifetime: Self.lifetime)
    }

    package init(key: SecretKey) { self.init(keys: SigningKeys(key)) }

    /// What the cookie says.
    package func text(_ ticket: ClaimedIdentity, at now: Instant) -> String {
        texts.text([ticket.userID, ticket.userTypes.joined(separator: ",")], at: now)
    }

    /// Nil when it is not ours, or too old.
    package func ticket(_ text: String, at now: Instant) -> ClaimedIdentity? {
        guard let lines = texts.lines(text, at: now), lines.count == 2 else { return nil }
        return ClaimedIdentity(userID: lines[0], userTypes: lines[1].split(separator: ",").map(String.init))
    }
}
