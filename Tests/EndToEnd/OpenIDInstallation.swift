import Foundation
import Support
import Testing

/// Pulih with one application that logs in by OpenID Connect, and its secret.
struct OpenIDInstallation {
    static let id = "e-katalog"
    static let secret = "0123456789abcdef0123456789abcdef0123456789abcdef"
    /// The pair of RFC 7636, appendix B.
    static let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    static let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

    let installation: Installation
    let redirectURI: String

    /// - Parameter application: more keys of the application.
    init(redirectURI: String = "http://127.0.0.1:9/callback", application: String = "") throws {
        self.redirectURI = redirectURI
        installation = try Installation(
            settings: """
                applications: [{
                    id: "\(Self.id)", name: "e-Katalog", redirectURIs: ["\(redirectURI)"],
                    clientSecretFile: "client.secret", \(application)
                }],
                """)
        try installation.folder.write(Self.secret + "\n", to: "client.secret")
    }

    var authorizePath: String {
        "/oauth2/authorize?response_type=code&scope=openid&client_id=\(Self.id)&redirect_uri="
            + HTTPClient.encode(redirectURI) + "&code_challenge=\(Self.challenge)&code_challenge_method=S256&state=x"
    }

    /// A code for somebody who is logged in.
    func code(of client: HTTPClient) throws -> String {
        let answer = try client.get(authorizePath)
        let location = try #require(answer.header("Location"))
        return try #require(
            URLComponents(string: location)?.queryItems?.first { $0.name == "code" }?.value, "\(location)")
    }

    func exchange(_ code: String) throws -> HTTPAnswer {
        try HTTPClient(port: installation.portal.number).post(
            "/oauth2/token",
            form: [
                ("grant_type", "authorization_code"), ("code", code), ("code_verifier", Self.verifier),
                ("redirect_uri", redirectURI), ("client_id", Self.id), ("client_secret", Self.secret),
            ])
    }

    func isLetIn(by accessToken: String) throws -> Bool {
        try HTTPClient(port: installation.portal.number).get(
            "/oauth2/userinfo", headers: [("Authorization", "Bearer \(accessToken)")]
        ).status == 200
    }
}
