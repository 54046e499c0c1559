package import Domain

/// What the portal needs to let applications log in by OpenID Connect.
package struct OpenIDServices: Sendable {
    /// Where people reach the portal, as clients know it.
    let issuer: String
    let grants: OpenIDGrants
    let tokens: any IDTokenReader

    package init(issuer: String, grants: OpenIDGrants, tokens: any IDTokenReader) {
        self.issuer = issuer
        self.grants = grants
        self.tokens = tokens
    }
}
