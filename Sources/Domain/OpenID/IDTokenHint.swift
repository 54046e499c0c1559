/// What an ID token that we once signed says; it may have expired since.
package struct IDTokenHint: Sendable, Equatable {
    package let subject: String
    /// The client that it was made for.
    package let audience: String
    /// The login that it tells of: `LoginSession.publicID`.
    package let session: String

    package init(subject: String, audience: String, session: String) {
        self.subject = subject
        self.audience = audience
        self.session = session
    }
}

/// Reads ID tokens that come back.
package protocol IDTokenReader: Sendable {
    /// Nil for what we never signed as an ID token.
    func hint(_ text: String, at now: Instant) -> IDTokenHint?
}
