import HTTPServer
import JSON

/// A refusal as clients read it (RFC 6749, section 5.2; RFC 6750, section 3.1).
struct OAuthError: Error {
    enum Code: String {
        case invalidRequest = "invalid_request"
        case invalidClient = "invalid_client"
        case invalidGrant = "invalid_grant"
        case unsupportedGrantType = "unsupported_grant_type"
        case invalidScope = "invalid_scope"
        case invalidToken = "invalid_token"
        case serverError = "server_error"
        case temporarilyUnavailable = "temporarily_unavailable"
    }

    let code: Code
    /// For a developer: ASCII without quotation marks and backslashes.
    let description: String
    let status: Int
    /// What `WWW-Authenticate` asks for; nil where nothing helps.
    let challenge: String?

    init(_ code: Code, _ description: String, status: Int = 400, challenge: String? = nil) {
        self.code = code
        self.description = description
        self.status = status
        self.challenge = challenge
    }

    static func client(_ description: String, status: Int = 401) -> OAuthError {
        OAuthError(.invalidClient, description, status: status, challenge: #"Basic realm="pulih""#)
    }

    var response: Response {
        let content: JSONTree = ["error": .text(code.rawValue), "error_description": .text(description)]
        var response = Response.json(content.text(), status: status)
        if let challenge { response.set("WWW-Authenticate", challenge) }
        return response
    }
}
