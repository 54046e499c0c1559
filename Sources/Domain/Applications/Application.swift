/// An application of the institution: it keeps a login of its own and leaves the second factor to us, or leaves all of the
/// login to us.
package struct Application: Sendable, Equatable {
    /// What a login needs, whatever the policy says.
    package enum RequiredFactor: String, Sendable, CaseIterable {
        case password
        case totp
    }

    package let id: String
    /// As people see it.
    package let name: String
    /// The user types it has to do with; nil for all.
    package let userTypes: Set<String>?
    package let webhook: WebhookSettings?
    /// The hosts at which a proxy asks us who is let in, with the port where it is not the usual one, in small letters.
    package let hosts: [String]
    /// Nil leaves it to the policy.
    package let factor: RequiredFactor?
    /// Paths that need no login, each with all below it.
    package let publicPaths: [String]
    /// Nil where it does not log in by OpenID Connect.
    package let client: OpenIDClient?

    package init(
        id: String, name: String, userTypes: Set<String>? = nil, webhook: WebhookSettings? = nil, hosts: [String] = [],
        factor: RequiredFactor? = nil, publicPaths: [String] = [], client: OpenIDClient? = nil
    ) {
        self.id = id
        self.name = name
        self.userTypes = userTypes
        self.webhook = webhook
        self.hosts = hosts
        self.factor = factor
        self.publicPaths = publicPaths
        self.client = client
    }

    /// Whether a text can name an application: 1 to 32 small letters, digits and hyphens, so that it may stand in commands,
    /// metrics and the audit log as it is.
    package static func isID(_ text: String) -> Bool {
        (1...32).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
            }
    }

    /// Who did something, as the audit log has it.
    package var actor: String { "application:\(id)" }

    package func covers(_ userType: String) -> Bool { userTypes?.contains(userType) ?? true }

    /// Whether a login of this user type needs a second factor here.
    package func requiresSecondFactor(
        _ userType: String, policy: @autoclosure () throws -> Policy, at now: Instant
    ) rethrows -> Bool {
        try factor.map { $0 == .totp } ?? policy().requiresTOTP(userType, at: now)
    }

    /// Whether people log in to it with us.
    package var hasLogin: Bool { !hosts.isEmpty || client != nil }

    /// Where people open it; nil for one that runs on a machine of their own, or only calls us.
    package var homePage: String? {
        if let host = hosts.first { return "\(WebOrigin.ofHost(host))/" }
        let isOnTheWeb = { (uri: String) in uri.utf8.starts(with: "https://".utf8) }
        return client?.redirectURIs.first(where: isOnTheWeb).flatMap(WebOrigin.ofURI).map { "\($0)/" }
    }

    /// The origins of its pages (RFC 6454), its hosts first; none when it only calls us.
    package var origins: [String] { origins(WebOrigin.ofURI) }

    /// Where the forms of a login may end, as policies of browsers have it: of http addresses of this machine the port is "*",
    /// since a client may take any.
    package var formTargets: [String] { origins { RedirectURI.loopbackOrigin($0) ?? WebOrigin.ofURI($0) } }

    private func origins(_ ofURI: (String) -> String?) -> [String] {
        var origins = hosts.map(WebOrigin.ofHost)
        for uri in client?.redirectURIs ?? [] {
            if let origin = ofURI(uri), !origins.contains(origin) { origins.append(origin) }
        }
        return origins
    }
}

/// An application that logs in by OpenID Connect.
package struct OpenIDClient: Sendable, Equatable {
    /// Where logins come back to, compared whole.
    package let redirectURIs: [String]
    /// Where it is told that a login ended (OpenID Connect Back-Channel Logout 1.0); nil where it is told nothing.
    package let logoutURI: String?
    /// Whether it has a secret; one that runs in browsers or on telephones has none.
    package let isConfidential: Bool
    /// How its ID tokens are signed. RS256 is what OpenID Connect Core 1.0, section 3.1.3.7, has clients expect that said
    /// nothing; every library knows it.
    package let algorithm: TokenAlgorithm

    package init(
        redirectURIs: [String], logoutURI: String? = nil, isConfidential: Bool, algorithm: TokenAlgorithm = .rs256
    ) {
        self.algorithm = algorithm
        self.redirectURIs = redirectURIs
        self.logoutURI = logoutURI
        self.isConfidential = isConfidential
    }
}

/// Where an application is told what happened.
package struct WebhookSettings: Sendable, Equatable {
    package let url: String
    /// Nil for all.
    package let events: Set<WebhookEvent.Name>?

    package init(url: String, events: Set<WebhookEvent.Name>? = nil) {
        self.url = url
        self.events = events
    }
}
