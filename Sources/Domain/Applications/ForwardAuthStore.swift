/// What stands between a login at the portal and one at the host of an application: it is spent once, there, by the browser
/// that asked for it.
package struct ApplicationCode: Sendable, Equatable {
    /// Of the portal.
    package let session: Int64
    package let application: String
    package let host: String
    /// SHA-256 of what the browser's cookie at that host says.
    package let browser: [UInt8]
    /// Where at that host the person wanted to go: path and query.
    package let target: String
    package let expiresAt: Instant

    package init(
        session: Int64, application: String, host: String, browser: [UInt8], target: String, expiresAt: Instant
    ) {
        self.session = session
        self.application = application
        self.host = host
        self.browser = browser
        self.target = target
        self.expiresAt = expiresAt
    }
}

/// A login at a host of an application, with the session of the portal that it lives by.
package struct ApplicationLogin: Sendable, Equatable {
    package let application: String
    package let host: String
    package let session: LoginSession
    package let account: Account

    package init(application: String, host: String, session: LoginSession, account: Account) {
        self.application = application
        self.host = host
        self.session = session
        self.account = account
    }
}

/// What a transaction reads about logins at applications.
package protocol ApplicationLoginReader {
    /// The login whose token has this digest, however old its session.
    func applicationLogin(digest: [UInt8]) throws -> ApplicationLogin?
    /// The sessions that were renewed or ended, or whose accounts or logins at applications changed, and the number of the
    /// last change, since the change of this number; of the last day at least. With nil none, and that number.
    func sessionChanges(after number: Int64?) throws -> (sessions: [Int64], last: Int64)
    /// The applications that each session of an account is logged in to, whichever way.
    func applicationsLoggedIn(account: Int64) throws -> [Int64: Set<String>]
}

/// What a transaction changes in logins at applications.
package protocol ApplicationLoginWriter: ApplicationLoginReader {
    /// Counts a login at an application for the metrics, whichever way it came.
    func countLogin(to application: String, at now: Instant)
    func insert(code: ApplicationCode, digest: [UInt8]) throws
    /// Takes a code away, so that nobody takes it again.
    func spendApplicationCode(digest: [UInt8]) throws -> ApplicationCode?
    /// Stores a login at a host by a session of the portal.
    func insertApplicationLogin(application: String, host: String, session: Int64, digest: [UInt8], at now: Instant)
        throws
}
