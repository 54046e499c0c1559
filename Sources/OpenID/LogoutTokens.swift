package import Domain
package import JOSE
import JSON

/// Makes the tokens that tell an application of the end of a login (OpenID Connect Back-Channel Logout 1.0, section 2.4).
package struct LogoutTokens: Sendable {
    private static let event = "http://schemas.openid.net/event/backchannel-logout"
    /// As long as it may be on its way: one is made for each attempt.
    private static let lifetime = TimeSpan.minutes(2)

    private let issuer: String
    private let keys: TokenKeySet<PrivateKey>

    package init(issuer: String, keys: TokenKeySet<PrivateKey>) {
        self.issuer = issuer
        self.keys = keys
    }

    /// - Parameter now: of the attempt. Each has an id of its own: receivers take an id twice for a replay, and an attempt whose
    ///   answer was lost is followed by another.
    package func token(_ notice: LogoutNotice, for application: Application, at now: Instant) -> String {
        let claims: JSONTree = [
            "iss": .text(issuer), "sub": .text(notice.subject), "aud": .text(application.id), "iat": .seconds(now),
            "exp": .seconds(now + Self.lifetime), "jti": .text("\(notice.id).\(now.milliseconds)"),
            "sid": .text(notice.session),
            "events": [Self.event: .object([:])],
        ]
        let key = keys.signingKey(application.client?.algorithm ?? .rs256, at: now)
        return key.sign(Array(claims.text().utf8), type: "logout+jwt")
    }
}
