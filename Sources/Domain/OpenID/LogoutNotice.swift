/// Tells an application that a login is over at which it got tokens.
package struct LogoutNotice: Sendable, Equatable, Codable {
    /// What the `jti` of each attempt begins with.
    package let id: String
    package let subject: String
    /// `LoginSession.publicID`.
    package let session: String

    package init(id: String, subject: String, session: String) {
        self.id = id
        self.subject = subject
        self.session = session
    }
}
