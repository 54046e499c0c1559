import Cryptography
package import Domain
package import JOSE
import JSON

/// Makes ID tokens, and reads those that come back.
package struct IDTokens: Sendable {
    /// Seconds for which an ID token is good. It says who logged in, at that moment; nothing lives by it.
    private static let lifetime = TimeSpan.minutes(10)
    static let type = "JWT"

    package let issuer: String
    let keys: TokenKeySet<PrivateKey>

    /// - Parameter issuer: where people reach the portal, without a slash at the end.
    package init(issuer: String, keys: TokenKeySet<PrivateKey>) {
        self.issuer = issuer
        self.keys = keys
    }

    static let claimNames = [
        "iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid", "at_hash", "preferred_username",
        "user_type", "groups", "locale", "email", "email_verified",
    ]

    /// The ID token that goes with an access token (OpenID Connect Core 1.0, section 2).
    func idToken(_ issued: OpenIDGrants.IssuedTokens, for application: Application, at now: Instant) -> String {
        let (identity, grant) = (issued.identity, issued.identity.grant)
        var claims = profile(of: identity)
        claims["iss"] = .text(issuer)
        claims["aud"] = .text(application.id)
        claims["iat"] = .seconds(now)
        claims["exp"] = .seconds(now + Self.lifetime)
        claims["auth_time"] = .seconds(grant.authenticatedAt)
        claims["acr"] = .text(AuthenticationContext.reference(grant.factor))
        claims["amr"] = .list(AuthenticationContext.methods(grant.factor).map { .text($0) })
        claims["sid"] = .text(identity.session.publicID)
        claims["at_hash"] = .text(Base64URL.encode(Array(Digest.sha256(Array(issued.access.text.utf8)).prefix(16))))
        // The nonce belongs to the login, not to what follows (section 12.2).
        if issued.isFirst, let nonce = grant.nonce { claims["nonce"] = .text(nonce) }
        let key = keys.signingKey(application.client?.algorithm ?? .rs256, at: now)
        return key.sign(Array(JSONTree.object(claims).text().utf8), type: Self.type)
    }

    /// What the scopes of a grant tell of a person (section 5.4), and the subject.
    func profile(of identity: Identity) -> [String: JSONTree] {
        let account = identity.account
        var claims = [String: JSONTree](minimumCapacity: Self.claimNames.count)
        claims["sub"] = .text(identity.subject)
        if identity.grant.scopes.contains(.profile) {
            claims["preferred_username"] = .text(account.userID)
            claims["user_type"] = .text(account.userType)
            claims["groups"] = [.text(account.userType)]
            claims["locale"] = .text(account.language.rawValue)
        }
        if identity.grant.scopes.contains(.email) {
            claims["email"] = .text(account.email)
            // The house says that it is theirs; nobody has asked the mailbox.
            claims["email_verified"] = false
        }
        return claims
    }

    /// The public keys (RFC 7517, section 5): coming, current, and those whose tokens live.
    func keySet(at now: Instant) -> String {
        #"{"keys":[\#(keys.published(at: now).map(\.publicKey.jwk).joined(separator: ","))]}"#
    }
}

extension IDTokens: IDTokenReader {
    package func hint(_ text: String, at now: Instant) -> IDTokenHint? {
        guard
            let verified = try? CompactJWS.verify(text, with: keys.published(at: now).map(\.publicKey)),
            verified.type == Self.type, case .object(let claims)? = JSONTree.strict(verified.payload),
            claims["iss"] == .text(issuer), case .text(let subject)? = claims["sub"],
            case .text(let audience)? = claims["aud"], case .text(let session)? = claims["sid"]
        else { return nil }
        return IDTokenHint(subject: subject, audience: audience, session: session)
    }
}

extension JSONTree {
    /// A moment as tokens tell it (RFC 7519, section 2).
    static func seconds(_ moment: Instant) -> JSONTree { .number(Double(moment.milliseconds / 1000)) }
}

/// How a login is told to applications.
enum AuthenticationContext {
    /// REFEDS MFA: two factors of different kinds.
    private static let secondFactor = "https://refeds.org/profile/mfa"
    /// A password over a protected connection, in the words of SAML 2.0.
    private static let password = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"

    static let all = [password, secondFactor]

    /// The `acr`.
    static func reference(_ factor: LoginSession.Factor) -> String { factor.isSecond ? secondFactor : password }

    /// The `amr` (RFC 8176). A recovery code is a password for one time, too.
    static func methods(_ factor: LoginSession.Factor) -> [String] { factor.isSecond ? ["pwd", "otp"] : ["pwd"] }
}
