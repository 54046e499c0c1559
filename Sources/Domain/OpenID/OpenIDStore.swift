/// What one login brought one application: a code, then tokens. It lives by a session of the portal and ends with it.
package struct OpenIDGrant: Sendable, Equatable {
    /// Given by the store.
    package let id: Int64
    /// Of the portal.
    package let session: Int64
    package let application: String
    package let scopes: Set<Scope>
    package let nonce: String?
    /// What was proven at the login, and when the password was given.
    package let factor: LoginSession.Factor
    package let authenticatedAt: Instant
    /// What the code is bound to.
    package let redirectURI: String
    package let challenge: String
    package let codeExpiresAt: Instant
    package let codeUsedAt: Instant?
    /// Since when nothing that it brought is good for anything.
    package let endedAt: Instant?

    package init(
        id: Int64 = 0, session: Int64, application: String, scopes: Set<Scope>, nonce: String?,
        factor: LoginSession.Factor, authenticatedAt: Instant, redirectURI: String, challenge: String,
        codeExpiresAt: Instant, codeUsedAt: Instant? = nil, endedAt: Instant? = nil
    ) {
        self.id = id
        self.session = session
        self.application = application
        self.scopes = scopes
        self.nonce = nonce
        self.factor = factor
        self.authenticatedAt = authenticatedAt
        self.redirectURI = redirectURI
        self.challenge = challenge
        self.codeExpiresAt = codeExpiresAt
        self.codeUsedAt = codeUsedAt
        self.endedAt = endedAt
    }
}

/// A token of a grant; the store knows it by its digest alone.
package struct OpenIDToken: Sendable, Equatable {
    package enum Kind: String, Sendable {
        /// Opens what is known of the person.
        case access
        /// Fetches the next tokens, once.
        case refresh
    }

    package let grant: Int64
    package let kind: Kind
    package let expiresAt: Instant
    /// When a refresh token was used.
    package let usedAt: Instant?

    package init(grant: Int64, kind: Kind, expiresAt: Instant, usedAt: Instant? = nil) {
        self.grant = grant
        self.kind = kind
        self.expiresAt = expiresAt
        self.usedAt = usedAt
    }
}

/// What a transaction reads about grants.
package protocol OpenIDReader {
    /// What applications know an account by; nil before the first of them asked.
    func subject(account: Int64) throws -> String?
    func grant(id: Int64) throws -> OpenIDGrant?
    /// The grant whose code has this digest, also when it was used.
    func grant(code digest: [UInt8]) throws -> OpenIDGrant?
    /// The token with this digest, also when it was used or is too old.
    func token(digest: [UInt8]) throws -> OpenIDToken?
}

/// What a transaction changes in grants.
package protocol OpenIDWriter: OpenIDReader {
    /// Keeps what an account is known by from now on; one that it has stays.
    func setSubject(account: Int64, _ subject: String) throws
    /// - Parameter tellsLogout: whether the application wants to be told when the session ends.
    func insert(_ grant: OpenIDGrant, code digest: [UInt8], tellsLogout: Bool) throws
    /// - Returns: whether this call, and no other, spent the code.
    func spendCode(grant: Int64, at now: Instant) throws -> Bool
    func insert(_ token: OpenIDToken, digest: [UInt8]) throws
    /// - Returns: whether this call, and no other, spent the refresh token.
    func spendToken(digest: [UInt8], at now: Instant) throws -> Bool
    func deleteToken(digest: [UInt8]) throws
    /// - Returns: whether it had not ended before.
    @discardableResult
    func end(grant: Int64, at now: Instant) throws -> Bool
}
