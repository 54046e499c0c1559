import Cryptography
package import Domain
import Store

/// Somebody who is logged in at the portal, and an application that wants to know who.
package final class OpenIDScene: Sendable {
    package static let redirectURI = "https://katalog.example.org/callback"
    /// The pair of RFC 7636, appendix B.
    package static let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    package static let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

    package let login: LoginScene
    package let grants: OpenIDGrants
    package let application: Application
    package let other = Application(
        id: "other", name: "Other",
        client: OpenIDClient(redirectURIs: ["https://other.example.org/"], isConfidential: true))
    package let session: Int64

    package var store: any Store { login.store }
    package var clock: FixedClock { login.clock }
    package var now: Instant { login.now }
    package var applications: [String: Application] { [application.id: application, other.id: other] }

    /// - Parameter userTypes: of the application; nil for all.
    package init(
        on engine: TestEngine = .sqlite, factor: LoginSession.Factor = .totp, userTypes: Set<String>? = nil,
        requires: Application.RequiredFactor? = nil
    ) throws {
        let login = try LoginScene(on: engine)
        self.login = login
        grants = OpenIDGrants(sessions: login.sessions, random: login.random)
        application = Application(
            id: "e-katalog", name: "e-Katalog", userTypes: userTypes, factor: requires,
            client: OpenIDClient(
                redirectURIs: [Self.redirectURI], logoutURI: "https://katalog.example.org/logout", isConfidential: true)
        )
        let (sessions, budi, now) = (login.sessions, login.budi, login.now)
        session = try login.store.write { transaction in
            _ = try sessions.open(account: budi, factor: factor, in: transaction, at: now, from: LoginScene.origin())
            return try transaction.sessions(account: budi)[0].id
        }
    }

    /// What the application asks, with changes.
    package static func parameters(_ changes: [String: String?] = [:]) -> ProtocolParameters {
        let standard: [String: String?] = [
            "client_id": "e-katalog", "redirect_uri": redirectURI, "response_type": "code", "scope": "openid profile",
            "state": "s", "nonce": "n", "code_challenge": challenge, "code_challenge_method": "S256",
        ]
        return ProtocolParameters(
            standard.merging(changes) { $1 }.sorted { $0.key < $1.key }.compactMap { name, value in
                value.map { (name, $0) }
            })
    }

    package func request(_ changes: [String: String?] = [:]) throws -> AuthorizationRequest {
        let parameters = Self.parameters(changes)
        return try AuthorizationRequest(parameters, from: AuthorizationClient(parameters, among: applications))
    }

    package func code(_ changes: [String: String?] = [:]) throws -> SessionToken? {
        let (grants, session, now, request) = (grants, session, now, try request(changes))
        return try store.write {
            try grants.issueCode(for: request, session: session, in: $0, at: now, from: "192.0.2.7")
        }
    }

    package func redeem(
        _ code: String, verifier: String = verifier, redirectURI: String? = redirectURI, by client: Application? = nil
    ) throws -> OpenIDGrants.Outcome {
        let (grants, application, now) = (grants, client ?? application, now)
        return try store.write {
            try grants.redeem(
                code, verifier: verifier, redirectURI: redirectURI, by: application, in: $0, at: now, from: "192.0.2.7")
        }
    }

    package func refresh(_ token: String, by client: Application? = nil) throws -> OpenIDGrants.Outcome {
        let (grants, application, now) = (grants, client ?? application, now)
        return try store.write { try grants.refresh(token, by: application, in: $0, at: now, from: "192.0.2.7") }
    }

    package func revoke(_ token: String, by client: Application? = nil) throws -> Bool {
        let (grants, application, now) = (grants, client ?? application, now)
        return try store.write { try grants.revoke(token, by: application, in: $0, at: now, from: "192.0.2.7") }
    }

    package func access(_ token: String) throws -> Identity? {
        let (grants, applications, now) = (grants, applications, now)
        return try store.read { try grants.access(token, applications: applications, in: $0, at: now) }
    }

    /// Tokens from a fresh code.
    package func tokens() throws -> OpenIDGrants.IssuedTokens {
        guard let code = try code(), case .issued(let tokens) = try redeem(code.text) else {
            throw SupportFailure("no tokens")
        }
        return tokens
    }

    package func endSession() throws {
        let (session, now) = (session, now)
        _ = try store.write { try $0.endSession(session, at: now) }
    }
}

extension OpenIDGrants.Outcome {
    package var tokens: OpenIDGrants.IssuedTokens? { if case .issued(let tokens) = self { tokens } else { nil } }
    package var refusal: OpenIDGrants.Refusal? { if case .refused(let refusal) = self { refusal } else { nil } }
}
