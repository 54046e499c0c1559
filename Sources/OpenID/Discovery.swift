import Domain
import JSON

extension OpenIDProvider {
    /// What the provider can do (OpenID Connect Discovery 1.0, section 3).
    var discoveryDocument: JSONTree {
        func list(_ texts: some Sequence<String>) -> JSONTree { .list(texts.map { .text($0) }) }
        func address(_ path: String) -> JSONTree { .text(issuer + path) }
        let methods = list(["client_secret_basic", "client_secret_post", "none"])
        return [
            "issuer": .text(issuer),
            "authorization_endpoint": address(AuthorizationRequest.path),
            "token_endpoint": address(Path.token),
            "userinfo_endpoint": address(Path.userInfo),
            "revocation_endpoint": address(Path.revocation),
            "end_session_endpoint": address(LogoutRequest.path),
            "jwks_uri": address(Path.keys),
            "scopes_supported": list(Scope.allCases.map(\.rawValue)),
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": list(TokenAlgorithm.allCases.map(\.rawValue)),
            "token_endpoint_auth_methods_supported": methods,
            "revocation_endpoint_auth_methods_supported": methods,
            "code_challenge_methods_supported": ["S256"],
            "prompt_values_supported": ["none", "login", "consent", "select_account"],
            "acr_values_supported": list(AuthenticationContext.all),
            "claims_supported": list(IDTokens.claimNames),
            "ui_locales_supported": list(Language.allCases.map(\.rawValue)),
            "claims_parameter_supported": false,
            "request_parameter_supported": false,
            "request_uri_parameter_supported": false,
            "authorization_response_iss_parameter_supported": true,
            "backchannel_logout_supported": true,
            "backchannel_logout_session_supported": true,
        ]
    }
}
