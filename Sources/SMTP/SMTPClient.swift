package import Threading

// SMTP: one message at a time to one relay, and a result that tells temporary, permanent and unknown apart and explains
// itself. It knows no job and no template. Begin here, then `SMTPConnection` and `TransferResult`.

/// Carries messages to one relay over one connection, which is kept while all goes well and given up after any failure.
///
/// A courier blocks while it sends, and belongs to one thread at a time.
package final class SMTPClient {
    /// Receives each step as it begins, on the thread that sends.
    package var onStage: (Stage) -> Void = { _ in }

    private let relay: Relay
    private let stop: StopSignal
    private var connection: SMTPConnection?
    /// Over `connection`.
    private var messageCount = 0
    /// How a password is shown: by CRAM-MD5 once the relay has turned out to offer nothing simpler.
    private var passwordMechanism = Login.Mechanism.password

    /// - Parameter stop: ends transfers within about a second. A message whose end was already sent ends as `unknown` unless
    ///   its reply had come, so raise it only when waiting longer is worse.
    package init(to relay: Relay, stop: StopSignal = StopSignal()) {
        self.relay = relay
        self.stop = stop
    }

    /// Sends one message.
    ///
    /// A relay may end an idle connection at any time; a message that meets such a connection is sent over a new one immediately.
    package func send(_ message: Message) -> SendResult {
        run { login in
            let result = attempt(message, login)
            return result.isStaleConnection ? attempt(message, login) : result
        }
    }

    /// Goes as far as one can without a message, over a connection of its own; `delivered` means that the relay is ready.
    /// - Parameter sender: asked about with MAIL FROM, which obliges nobody.
    package func probe(sender: EmailAddress) -> SendResult {
        run { SMTPConnection(relay: relay, login: $0, stop: stop)?.probe(sender: sender) ?? .outOfMemory }
    }

    /// Sees to it that the next login has a token; nil for a relay that wants none.
    package static func renewToken(for relay: Relay, stop: StopSignal) -> TokenStatus? {
        guard case .token(let source)? = relay.credentials?.secret else { return nil }
        return source.value.renew(stop: stop)
    }

    /// Ends the kept connection, if any; the next message opens a new one.
    package func disconnect() {
        connection = nil
    }

    /// A connection that was logged in with a token since replaced is given up: the relay may end it at any time.
    private func attempt(_ message: Message, _ login: Login?) -> TransferResult {
        let kept = connection.flatMap { Self.isSame($0.login, login) ? $0 : nil }
        guard let connection = kept ?? SMTPConnection(relay: relay, login: login, stop: stop) else {
            return .outOfMemory
        }
        let result = connection.send(message, onStage: onStage)
        messageCount = kept == nil ? 1 : messageCount + 1
        let isKept = result.leavesConnectionClean && messageCount < relay.messagesPerConnection
        self.connection = isKept ? connection : nil
        return result
    }

    private static func isSame(_ left: Login?, _ right: Login?) -> Bool {
        guard let left, let right else { return left == nil && right == nil }
        return left.isSame(as: right)
    }
}

// MARK: Login

extension SMTPClient {
    /// Transfers with the login there is and, where the relay wants another that can be had, once more with that.
    private func run(_ transfer: (Login?) -> TransferResult) -> SendResult {
        do {
            guard let credentials = relay.credentials else { return transfer(nil).sendResult(for: relay) }
            let login = try login(credentials)
            let result = transfer(login)
            guard let other = try alternative(to: login, after: result, credentials) else {
                return result.sendResult(for: relay)
            }
            return transfer(other).sendResult(for: relay)
        } catch {
            return .withoutToken(error, for: relay, wasStopped: stop.isRaised)
        }
    }

    private func login(_ credentials: Relay.Credentials, insteadOf refused: String? = nil) throws(TokenError) -> Login {
        switch credentials.secret {
        case .password(let password):
            Login(mechanism: passwordMechanism, username: credentials.username, secret: password)
        case .token(let source):
            Login(
                mechanism: .token, username: credentials.username,
                secret: Redacted(try source.value.token(insteadOf: refused, stop: stop)))
        }
    }

    private func alternative(
        to login: Login, after result: TransferResult, _ credentials: Relay.Credentials
    ) throws(TokenError) -> Login? {
        if result.refusesToken {
            let other = try self.login(credentials, insteadOf: login.secret.value)
            return other.isSame(as: login) ? nil : other
        }
        let offers = { (names: [String]) in names.contains { result.offeredMechanisms.contains($0) } }
        switch login.mechanism {
        case .password
        where result.lacksMechanism && offers(["CRAM-MD5"]) && relay.tls != .none && !offers(["PLAIN", "LOGIN"]):
            passwordMechanism = .cramMD5
        case .cramMD5 where result.lacksMechanism && offers(["PLAIN", "LOGIN"]): passwordMechanism = .password
        default: return nil
        }
        return try self.login(credentials)
    }
}

@available(*, unavailable) extension SMTPClient: Sendable {}
