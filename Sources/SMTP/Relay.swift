/// How the connection to a relay is protected.
package enum TLSMode: String, Sendable, CaseIterable {
    /// Plain greeting, then STARTTLS, without which nothing is sent (RFC 3207); usually port 587.
    case starttls
    /// TLS from the first byte (RFC 8314 section 3.3); usually port 465.
    case tls
    /// In clear; for a relay on this machine only.
    case none
}

/// The relay that takes our mail: where it is, how it is reached, and who we are to it.
package struct Relay: Sendable {
    package let host: String
    package let port: Int
    package let tls: TLSMode
    /// PEM file with the only authorities trusted; nil trusts those of the system.
    package let caFile: String?
    package let credentials: Credentials?
    /// What EHLO names this client.
    package let clientName: String
    /// From the name look-up to the end of AUTH.
    package let connectTimeout: Duration
    /// For each later reply; kept in whole seconds, rounded up.
    package let responseTimeout: Duration

    /// Reports every problem of the settings together.
    ///
    /// 600 s is what a relay may take to answer the end of a message (RFC 5321 section 4.5.3.2.6);
    /// who gives up earlier sends mail twice.
    package init(
        host: String, port: Int, tls: TLSMode = .starttls, caFile: String? = nil, credentials: Credentials? = nil,
        clientName: String = "localhost", connectTimeout: Duration = .seconds(15),
        responseTimeout: Duration = .seconds(600)
    ) throws(RelaySettingsError) {
        self.host = host
        self.port = port
        self.tls = tls
        self.caFile = caFile
        self.credentials = credentials
        self.clientName = clientName
        self.connectTimeout = connectTimeout
        self.responseTimeout = responseTimeout
        let problems = self.problems()
        guard problems.isEmpty else { throw RelaySettingsError(problems: problems) }
    }

    /// A name, and either a password or a source of tokens for a login by OAuth 2.0.
    package struct Credentials: Sendable {
        enum Secret: Sendable {
            case password(Redacted<String>)
            case token(Redacted<any TokenSource>)
        }

        package let username: String
        let secret: Secret

        /// For AUTH PLAIN or LOGIN, or CRAM-MD5 where a relay over TLS offers neither.
        package init(username: String, password: String) {
            self.username = username
            secret = .password(Redacted(password))
        }

        /// For AUTH OAUTHBEARER or XOAUTH2.
        package init(username: String, tokens: any TokenSource) {
            self.username = username
            secret = .token(Redacted(tokens))
        }
    }

    /// `host:port`, as errors name it.
    var address: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    private func problems() -> [RelaySettingsError.Problem] {
        var problems: [RelaySettingsError.Problem] = []
        if !isHostName(Array(host.utf8)[...], underscores: true) && IPAddress(host) == nil { problems.append(.host) }
        if !(1...65535).contains(port) { problems.append(.port) }
        if !isHostName(Array(clientName.utf8)[...]) { problems.append(.clientName) }
        if let caFile, caFile.isEmpty || caFile.utf8.contains(0) { problems.append(.caFile) }
        if let credentials, !credentials.areUsable { problems.append(.credentials) }
        if ![connectTimeout, responseTimeout].allSatisfy({ $0 > .zero && $0 <= .seconds(86_400) }) {
            problems.append(.timeout)
        }
        if tls == .none && !isLoopback(host: host) {
            problems.append(.clearText)
            if credentials != nil { problems.append(.clearTextCredentials) }
        }
        return problems
    }
}

extension Relay.Credentials {
    /// NUL ends a C string and separates the fields of AUTH PLAIN; another control byte is a slip,
    /// such as the line end of a password file.
    fileprivate var areUsable: Bool {
        let texts =
            switch secret {
            case .password(let password): [username, password.value]
            case .token: [username]
            }
        return texts.allSatisfy { !$0.isEmpty && !$0.utf8.contains(where: isControl) }
    }
}

/// Settings no mail can or may be sent with.
package struct RelaySettingsError: Error, Hashable, Sendable, CustomStringConvertible {
    package let problems: [Problem]

    package var description: String { problems.map(\.description).joined(separator: "; ") }

    package enum Problem: Hashable, Sendable, CustomStringConvertible {
        case host
        case port
        case clientName
        case caFile
        case credentials
        case timeout
        case clearText
        case clearTextCredentials

        package var description: String {
            switch self {
            case .host: "the relay's host is neither a host name nor an IP address"
            case .port: "the relay's port is not in 1...65535"
            case .clientName: "the client name is no host name"
            case .caFile: "the path of the CA file is empty or holds a NUL byte"
            case .credentials: "the user name or the password is empty or holds a control character, such as a line end"
            case .timeout: "a time-out is not above zero, or longer than a day"
            case .clearText: "TLS may only be off for a relay on this machine (127.0.0.0/8, ::1, localhost)"
            case .clearTextCredentials: "a password or token would travel in clear"
            }
        }
    }
}
