/// Why an application gets no code, as it is told at its own address.
package struct AuthorizationError: Error, Equatable {
    /// RFC 6749 section 4.1.2.1, OpenID Connect Core 1.0 section 3.1.2.6.
    package enum Code: String, Sendable {
        case invalidRequest = "invalid_request"
        case accessDenied = "access_denied"
        case unsupportedResponseType = "unsupported_response_type"
        case invalidScope = "invalid_scope"
        case interactionRequired = "interaction_required"
        case loginRequired = "login_required"
        case requestNotSupported = "request_not_supported"
        case requestURINotSupported = "request_uri_not_supported"
        case registrationNotSupported = "registration_not_supported"
    }

    package let code: Code
    /// For a developer: ASCII without quotation marks and backslashes (RFC 6749, section 4.1.2.1).
    package let description: String

    package init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}

/// Why nobody can be told anything but the person: it is not proven who asks, or where an answer may go.
package enum UntrustedRequest: String, Error {
    /// There is none of this name, or it logs in by other means.
    case unknownClient = "unknown-client"
    /// The address to come back to is none that the client has registered.
    case foreignRedirect = "foreign-redirect"
}
