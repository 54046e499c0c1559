import Curl

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
    package let timeouts: StepTimeouts
    /// Messages over one connection: some relays put later ones aside until their next queue run.
    package let messagesPerConnection: Int

    /// Reports every problem of the settings together.
    package init(
        host: String, port: Int, tls: TLSMode = .starttls, caFile: String? = nil, credentials: Credentials? = nil,
        clientName: String = "localhost", timeouts: StepTimeouts = StepTimeouts(), messagesPerConnection: Int = 10
    ) throws(RelaySettingsError) {
        self.host = host
        self.port = port
        self.tls = tls
        self.caFile = caFile
        self.credentials = credentials
        self.clientName = clientName
        self.timeouts = timeouts
        self.messagesPerConnection = messagesPerConnection
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
    package var address: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    private func problems() -> [RelaySettingsError.Problem] {
        var problems: [RelaySettingsError.Problem] = []
        if !isHostName(Array(host.utf8)[...], underscores: true) && IPAddress(host) == nil { problems.append(.host) }
        if !(1...65535).contains(port) { problems.append(.port) }
        if !isHostName(Array(clientName.utf8)[...]) && !Self.isAddressLiteral(clientName) {
            problems.append(.clientName)
        }
        if let caFile, caFile.isEmpty || caFile.utf8.contains(0) { problems.append(.caFile) }
        if let credentials, !credentials.areUsable { problems.append(.credentials) }
        if !timeouts.all.allSatisfy({ $0 > .zero && $0 <= .seconds(86_400) }) { problems.append(.timeout) }
        if messagesPerConnection < 1 { problems.append(.messagesPerConnection) }
        if tls == .none && !isLoopback(host: host) {
            problems.append(.clearText)
            if credentials != nil { problems.append(.clearTextCredentials) }
        }
        return problems
    }

    /// An address in brackets (RFC 5321, section 4.1.3): `[192.0.2.1]`, `[IPv6:2001:db8::1]`.
    private static func isAddressLiteral(_ name: String) -> Bool {
        guard name.hasPrefix("["), name.hasSuffix("]") else { return false }
        let address = name.dropFirst().dropLast()
        let isVersion6 = address.hasPrefix("IPv6:")
        let text = String(isVersion6 ? address.dropFirst("IPv6:".count) : address)
        return IPAddress(text) != nil && text.contains(":") == isVersion6
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
        case messagesPerConnection
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
            case .messagesPerConnection: "a connection must carry at least one message"
            case .clearText: "TLS may only be off for a relay on this machine (127.0.0.0/8, ::1, localhost)"
            case .clearTextCredentials: "a password or token would travel in clear"
            }
        }
    }
}
