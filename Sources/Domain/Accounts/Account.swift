/// Someone who logs in.
package struct Account: Sendable, Equatable {
    package let id: Int64
    package let userID: String
    package let userType: String
    package let email: String
    package let language: Language
    package let isActive: Bool
    package let totp: TOTPState
    /// Whether the secret came from elsewhere with less than 128 bits.
    package let hasWeakSecret: Bool
    /// Counts the secrets this account has had. It is part of every reset link and of the seal around the secret, so
    /// that what was made for one secret is worth nothing to the next.
    package let generation: Int64
    package let createdAt: Instant

    package init(
        id: Int64, userID: String, userType: String, email: String, language: Language, isActive: Bool,
        totp: TOTPState, hasWeakSecret: Bool = false, generation: Int64, createdAt: Instant
    ) {
        self.id = id
        self.userID = userID
        self.userType = userType
        self.email = email
        self.language = language
        self.isActive = isActive
        self.totp = totp
        self.hasWeakSecret = hasWeakSecret
        self.generation = generation
        self.createdAt = createdAt
    }
}

/// The state of an account's second factor.
package enum TOTPState: String, Sendable, CaseIterable {
    /// No secret.
    case none
    /// A secret was shown and no valid code has come back yet.
    case pending
    /// Codes are asked for at login.
    case active
}

/// What it takes to make an account.
package struct NewAccount: Sendable, Equatable {
    package let userID: UserID
    package let userType: String
    package let email: EmailAddress
    package let language: Language
    /// A PHC string, or nil when a password is still to be set.
    package let passwordHash: String?

    package init(
        userID: UserID, userType: String, email: EmailAddress, language: Language, passwordHash: String?
    ) {
        self.userID = userID
        self.userType = userType
        self.email = email
        self.language = language
        self.passwordHash = passwordHash
    }
}
