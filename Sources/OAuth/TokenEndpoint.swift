import HTTPClient
package import SMTP

// OAuth: fetches access tokens from an authorization server (RFC 6749) for those who log in with them. It knows no relay.
// Begin here, then `TokenCache`.

/// Where tokens are fetched, and as whom: by the client's own right (RFC 6749 section 4.4) or, with a refresh token, in the
/// name of the account that gave it (section 6).
package struct TokenEndpoint: Sendable {
    /// Reads a secret when it is needed, so that a new one counts without a restart.
    package typealias Secret = @Sendable () -> Result<String, TokenError>

    let url: String
    /// PEM file with the only authorities trusted; nil trusts those of the system.
    let caFile: String?
    package let clientID: String
    let clientSecret: Secret?
    let refreshToken: Secret?
    let scope: String?
    /// For one request, from the name look-up to the end of the answer.
    let timeout: Duration

    package init(
        url: String, caFile: String? = nil, clientID: String, clientSecret: Secret?, refreshToken: Secret? = nil,
        scope: String? = nil, timeout: Duration = .seconds(15)
    ) {
        self.url = url
        self.caFile = caFile
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.refreshToken = refreshToken
        self.scope = scope
        self.timeout = timeout
    }

    /// Why secrets must not be sent to an address; nil when they may.
    package static func problem(with url: String) -> String? {
        switch WebAddress.problem(with: url) {
        case .insecure: "must be https: a secret must not travel in clear (http is for loopback)"
        case let problem: problem?.description
        }
    }

    /// The form of a request (RFC 6749 sections 4.4.2 and 6), and what of it is secret.
    /// - Parameter refreshed: the refresh token to use instead of the one written down.
    func form(refreshed: String? = nil) throws(TokenError) -> (fields: [(String, String)], secrets: [String]) {
        var fields = [("client_id", clientID)]
        var secrets: [String] = []
        if let refreshToken {
            let token = if let refreshed { refreshed } else { try refreshToken().get() }
            fields += [("grant_type", "refresh_token"), ("refresh_token", token)]
            secrets.append(token)
        } else {
            fields.append(("grant_type", "client_credentials"))
        }
        if let clientSecret {
            let secret = try clientSecret().get()
            fields.append(("client_secret", secret))
            secrets.append(secret)
        }
        if let scope { fields.append(("scope", scope)) }
        return (fields, secrets)
    }
}

/// `application/x-www-form-urlencoded` (RFC 6749 appendix B).
func encodedForm(_ fields: [(String, String)]) -> String {
    fields.map { "\(percentEncoded($0.0))=\(percentEncoded($0.1))" }.joined(separator: "&")
}

/// All but the unreserved characters of RFC 3986 section 2.3.
func percentEncoded(_ text: String) -> String {
    text.utf8.map { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            return String(Unicode.Scalar(byte))
        default:
            let digits = String(byte, radix: 16, uppercase: true)
            return digits.utf8.count == 1 ? "%0\(digits)" : "%\(digits)"
        }
    }.joined()
}
