import Domain
import HTTPServer
import JSON

/// `/oauth2/userinfo` (OpenID Connect Core 1.0, section 5.3): what the scopes tell, as it is now.
extension OpenIDProvider {
    func answerUserInfo(_ request: Request) throws -> Response {
        guard let token = try accessToken(request) else {
            // Who shows nothing is told how, and no error (RFC 6750, section 3.1).
            throw OAuthError(
                .invalidToken, "send an access token", status: 401, challenge: #"Bearer realm="pulih""#)
        }
        let (grants, now, applications) = (grants, clock.now(), clients.applications)
        let identity = try store.read { transaction in
            try grants.access(token, applications: applications, in: transaction, at: now)
        }
        guard let identity else {
            throw OAuthError(
                .invalidToken, "the access token is none, or its time or its login is over", status: 401,
                challenge: #"Bearer realm="pulih", error="invalid_token""#)
        }
        return .json(JSONTree.object(tokens.profile(of: identity)).text())
    }

    /// From the header or, of a POST, the form; nil when there is none.
    private func accessToken(_ request: Request) throws -> String? {
        let headers = request.headers.values("authorization")
        let inForm = request.method == .post && !request.body.isEmpty ? try parameters(request)["access_token"] : nil
        let words = headers.first?.split(separator: " ").map(String.init) ?? []
        guard headers.count <= 1, headers.isEmpty || inForm == nil else {
            throw OAuthError(.invalidRequest, "the access token is sent in two ways")
        }
        if words.count == 2, words[0].lowercased() == "bearer" { return words[1] }
        return inForm
    }
}
