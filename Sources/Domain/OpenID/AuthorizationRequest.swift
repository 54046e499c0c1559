/// An application that is known to ask, and where it may be answered.
package struct AuthorizationClient: Sendable, Equatable {
    package let application: Application
    package let redirectURI: String
    /// Given back as it came.
    package let state: String?

    package init(
        _ parameters: ProtocolParameters, among applications: [String: Application]
    ) throws(UntrustedRequest) {
        guard let application = parameters["client_id"].flatMap({ applications[$0] }),
            let client = application.client
        else { throw .unknownClient }
        guard let redirectURI = parameters["redirect_uri"],
            RedirectURI.isRegistered(redirectURI, among: client.redirectURIs)
        else { throw .foreignRedirect }
        self.application = application
        self.redirectURI = redirectURI
        state = parameters["state"]
    }

    /// Where the browser takes an answer.
    /// - Parameter issuer: tells a client of several providers which one answers (RFC 9207).
    package func address(_ answer: [(name: String, value: String?)], issuer: String) -> String {
        RedirectURI.adding(answer + [("state", state), ("iss", issuer)], to: redirectURI)
    }

    package func address(_ error: AuthorizationError, issuer: String) -> String {
        address([("error", error.code.rawValue), ("error_description", error.description)], issuer: issuer)
    }
}

/// What an application asks of a login (OpenID Connect Core 1.0, section 3.1.2.1).
package struct AuthorizationRequest: Sendable, Equatable {
    package static let path = "/oauth2/authorize"
    /// Bytes of the whole, as an address: the pages of the login carry it along.
    package static let maximumLength = 2800

    package let client: AuthorizationClient
    package let scopes: Set<Scope>
    package let nonce: String?
    /// SHA-256 of the verifier that fetches the tokens (RFC 7636), in base64url.
    package let challenge: String
    /// Nobody may be asked anything.
    package let isSilent: Bool
    /// The password is asked for in any case.
    package let wantsLogin: Bool
    package let maximumAge: TimeSpan?
    /// What may stand in the field for the User ID.
    package let loginHint: String?
    /// In order of preference; empty when the application does not mind.
    package let languages: [Language]
    package let idTokenHint: String?
    /// This very request as an address of the portal, whatever else came with it.
    package let address: String

    /// What counts of a request; anything else is passed over.
    private static let names = [
        "client_id", "redirect_uri", "response_type", "response_mode", "scope", "state", "nonce", "code_challenge",
        "code_challenge_method", "prompt", "max_age", "login_hint", "ui_locales", "id_token_hint",
    ]

    package init(
        _ parameters: ProtocolParameters, from client: AuthorizationClient
    ) throws(AuthorizationError) {
        if let name = parameters.repeated {
            throw AuthorizationError(.invalidRequest, "\(Self.plain(name)) comes twice")
        }
        try Self.refuseUnsupported(parameters)
        let scopes = parameters.words("scope")
        guard scopes.contains("openid") else {
            throw AuthorizationError(.invalidScope, "scope must have openid in it")
        }
        let prompts = Set(parameters.words("prompt"))
        let unknown = prompts.subtracting(["none", "login", "consent", "select_account"])
        guard unknown.isEmpty, !prompts.contains("none") || prompts.count == 1 else {
            throw AuthorizationError(
                .invalidRequest, "prompt takes login, consent and select_account, or none and nothing beside it")
        }
        self.client = client
        self.scopes = Set(scopes.compactMap(Scope.init))
        nonce = parameters["nonce"]
        challenge = try Self.challenge(parameters)
        isSilent = prompts.contains("none")
        // Who may choose an account chooses it by logging in. There is no consent to give: applications are the house's own.
        wantsLogin = prompts.contains("login") || prompts.contains("select_account")
        maximumAge = try Self.maximumAge(parameters)
        loginHint = parameters["login_hint"]
        languages = parameters.words("ui_locales").compactMap {
            Language(rawValue: $0.lowercased().prefix { $0 != "-" }.description)
        }
        idTokenHint = parameters["id_token_hint"]
        address = "\(Self.path)?\(parameters.query(of: Self.names))"
        guard address.utf8.count <= Self.maximumLength else {
            throw AuthorizationError(.invalidRequest, "the request is longer than \(Self.maximumLength) bytes")
        }
    }

    /// Since when the password must have been given, for a request that comes now; nil when any session will do.
    package func loginSince(_ now: Instant) -> Instant? { wantsLogin ? now : maximumAge.map { now - $0 } }

    /// What a request asks to be filled in as User ID.
    /// - Parameter address: of a request, as `address` has it.
    package static func userID(hintedIn address: String) -> UserID? {
        let field = "&login_hint="
        guard address.utf8.starts(with: "\(path)?".utf8), let found = address.firstRange(of: field) else { return nil }
        return UserID(PercentEncoding.decodeLenient(String(address[found.upperBound...].prefix { $0 != "&" })))
    }

    private static func refuseUnsupported(_ parameters: ProtocolParameters) throws(AuthorizationError) {
        if parameters["request"] != nil {
            throw AuthorizationError(.requestNotSupported, "request objects are not read here")
        }
        if parameters["request_uri"] != nil {
            throw AuthorizationError(.requestURINotSupported, "request objects are not fetched from here")
        }
        if parameters["registration"] != nil {
            throw AuthorizationError(.registrationNotSupported, "clients are registered in the configuration alone")
        }
        guard let type = parameters["response_type"] else {
            throw AuthorizationError(.invalidRequest, "response_type is missing")
        }
        guard type == "code" else {
            throw AuthorizationError(.unsupportedResponseType, "response_type can only be code")
        }
        guard parameters["response_mode"] ?? "query" == "query" else {
            throw AuthorizationError(.invalidRequest, "response_mode can only be query")
        }
    }

    private static func challenge(_ parameters: ProtocolParameters) throws(AuthorizationError) -> String {
        guard let challenge = parameters["code_challenge"] else {
            throw AuthorizationError(.invalidRequest, "code_challenge is missing: PKCE is needed (RFC 7636)")
        }
        guard parameters["code_challenge_method"] == "S256" else {
            throw AuthorizationError(.invalidRequest, "code_challenge_method must be S256")
        }
        guard PKCE.isChallenge(challenge) else {
            throw AuthorizationError(.invalidRequest, "code_challenge must be a SHA-256 in base64url")
        }
        return challenge
    }

    private static func maximumAge(_ parameters: ProtocolParameters) throws(AuthorizationError) -> TimeSpan? {
        guard let text = parameters["max_age"] else { return nil }
        // Nine digits are thirty years, and cannot overflow.
        guard (1...9).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let seconds = Int64(text)
        else { throw AuthorizationError(.invalidRequest, "max_age must be a number of seconds") }
        return .seconds(seconds)
    }

    /// A name that somebody sent, fit to be told.
    private static func plain(_ name: String) -> String {
        String(
            String.UnicodeScalarView(
                name.unicodeScalars.filter { $0.properties.isAlphabetic && $0.isASCII || $0 == "_" }))
    }
}

/// What an application may be told of somebody (OpenID Connect Core 1.0, section 5.4).
package enum Scope: String, Sendable, CaseIterable {
    case openid
    /// User ID, user type and language.
    case profile
    case email
    /// Asked for by some clients before they refresh; here every client may, for as long as the login lasts.
    case offlineAccess = "offline_access"

    /// As requests and answers have them, in the order of their declaration.
    package static func text(_ scopes: Set<Scope>) -> String {
        allCases.filter(scopes.contains).map(\.rawValue).joined(separator: " ")
    }

    package static func set(_ text: String) -> Set<Scope> {
        Set(text.utf8.split(separator: UInt8(ascii: " ")).compactMap { Scope(rawValue: String(Substring($0))) })
    }
}
