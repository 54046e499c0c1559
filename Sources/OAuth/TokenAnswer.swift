import FoundationEssentials
import HTTPClient
import SMTP

/// What a token endpoint gave.
struct TokenAnswer {
    let token: String
    /// Seconds that the token is valid; nil when the endpoint does not say.
    let lifetime: Int?
    /// A refresh token that replaces the one used (RFC 6749 section 6).
    let refreshToken: String?

    /// The answer's JSON object (RFC 6749 sections 5.1 and 5.2).
    private struct Fields: Decodable {
        let token: String?
        let type: String?
        let lifetime: Int?
        let refreshToken: String?
        let error: String?
        let description: String?

        private enum Key: String, CodingKey {
            case token = "access_token"
            case type = "token_type"
            case lifetime = "expires_in"
            case refreshToken = "refresh_token"
            case error
            case description = "error_description"
        }

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: Key.self)
            token = try? fields.decode(String.self, forKey: .token)
            type = try? fields.decode(String.self, forKey: .type)
            // Some servers write the number as text.
            lifetime =
                (try? fields.decode(Int.self, forKey: .lifetime))
                ?? (try? fields.decode(String.self, forKey: .lifetime)).flatMap(Int.init)
            refreshToken = try? fields.decode(String.self, forKey: .refreshToken)
            error = try? fields.decode(String.self, forKey: .error)
            description = try? fields.decode(String.self, forKey: .description)
        }
    }

    /// - Parameter secrets: what must not be shown, should the answer repeat it.
    init(_ answer: HTTPResponse, from endpoint: TokenEndpoint, secrets: [String]) throws(TokenError) {
        let place = "the token endpoint \(endpoint.url)"
        let fields = try? JSONDecoder().decode(Fields.self, from: Data(answer.body))
        if (300..<400).contains(answer.status) {
            throw TokenError(
                "\(place) sends elsewhere (HTTP \(answer.status))",
                cure: "write the final address as smtp.oauth2.tokenURL; redirects are not followed")
        }
        if let error = fields?.error {
            var words = [error, fields?.description ?? ""].filter { !$0.isEmpty }.joined(separator: ": ")
            let shown = secrets.flatMap { [$0, percentEncoded($0)] } + [fields?.token ?? ""]
            if shown.contains(where: { repeats(secret: $0, in: words) }) { words = "withheld: it repeats a secret" }
            throw TokenError("\(place) refused with \"\(sanitized(words))\"", cure: Self.cure(for: error, endpoint))
        }
        guard answer.status == 200, let fields, let token = fields.token, isToken(token) else {
            throw TokenError(
                "\(place) answered HTTP \(answer.status) without a token",
                cure: "check that smtp.oauth2.tokenURL is the address of tokens, and try again later")
        }
        if let type = fields.type, type.lowercased() != "bearer" {
            throw TokenError(
                "\(place) gave a token of another type than Bearer", cure: "let the client have bearer tokens")
        }
        self.token = token
        lifetime = fields.lifetime
        refreshToken = fields.refreshToken.flatMap { isToken($0) ? $0 : nil }
    }

    /// What to do about an error of RFC 6749 section 5.2.
    private static func cure(for error: String, _ endpoint: TokenEndpoint) -> String {
        switch error {
        case "invalid_client":
            "check smtp.oauth2.clientID and the secret in smtp.oauth2.clientSecretFile, which may have ended"
        case "invalid_scope":
            endpoint.scope.map { "the scope \"\(sanitized($0))\" is wrong; check smtp.oauth2.scope" }
                ?? "set smtp.oauth2.scope"
        case "invalid_grant":
            "the refresh token has ended or was revoked; give consent anew and put the new one into "
                + "smtp.oauth2.refreshTokenFile"
        case "unauthorized_client", "unsupported_grant_type", "access_denied":
            "allow the client \(sanitized(endpoint.clientID)) this kind of grant at the provider"
        case "server_error", "temporarily_unavailable": "it is tried again"
        default: "check smtp.oauth2.clientID, scope and secrets against what the provider shows"
        }
    }
}
