package import Cryptography

/// Which application somebody logs in to, and where the portal goes on when they are logged in. Every page of the login
/// carries it in its address, so that two tabs can lead to two applications.
package struct LoginDestination: Sendable, Equatable {
    /// The application's id.
    package let application: String
    /// An address of the portal, path and query, which looks at everything anew.
    package let path: String
    /// The password must have been given at or after this time; nil when any living session will do.
    package let loginSince: Instant?

    package init(application: String, path: String, loginSince: Instant? = nil) {
        self.application = application
        self.path = path
        self.loginSince = loginSince
    }

    /// Whether a session is young enough.
    package func accepts(_ session: LoginSession) -> Bool { loginSince.map { session.startedAt >= $0 } ?? true }
}

/// Makes the texts of destinations and recognises its own.
package struct LoginDestinations: Sendable {
    /// As long as a session lasts at most: a login page may stand open over night.
    package static let lifetime = TimeSpan.hours(12)

    private let texts: SignedTexts

    package init(keys: SigningKeys) {
        texts = SignedTexts(keys: keys, purpose: "login destinations", lifetime: Self.lifetime)
    }

    package init(key: SecretKey) { self.init(keys: SigningKeys(key)) }

    package func text(_ destination: LoginDestination, at now: Instant) -> String {
        let since = destination.loginSince.map { "\($0.milliseconds)" } ?? ""
        return texts.text([destination.application, since, destination.path], at: now)
    }

    /// Nil when it is not ours, or too old.
    package func destination(_ text: String, at now: Instant) -> LoginDestination? {
        guard let lines = texts.lines(text, at: now), lines.count == 3 else { return nil }
        return LoginDestination(
            application: lines[0], path: lines[2],
            loginSince: Int64(lines[1]).map { Instant(milliseconds: $0) })
    }
}
