import Curl
import Threading

/// One libcurl handle with the settings of one relay, which never change: libcurl reuses a connection without comparing
/// it against a stricter TLS setting (CVE-2026-4873).
final class SMTPConnection {
    private let handle: EasyHandle
    private let observer: SMTPObserver
    private let relay: Relay
    /// Nil without one.
    let login: Login?

    /// - Returns: nil when libcurl has no memory left.
    init?(relay: Relay, login: Login?, stop: StopSignal) {
        observer = SMTPObserver(requiresAuthentication: login != nil, timeouts: relay.timeouts, stop: stop)
        guard let handle = EasyHandle(observer: observer) else { return nil }
        self.handle = handle
        self.relay = relay
        self.login = login
        configure()
        configureTLS()
        configureTimeouts()
    }

    func send(_ message: Message, onStage: @escaping (Stage) -> Void) -> TransferResult {
        observer.onStage = onStage
        guard let recipients = CurlList(["<\(message.recipient)>"]) else { return .outOfMemory }
        handle.set(.mailFrom, "<\(message.sender)>")
        handle.set(.recipients, recipients)
        handle.setUpload(message.data.value.bytes)
        return perform()
    }

    /// As far as a relay can be asked without a message: connect, TLS, EHLO, AUTH, MAIL FROM.
    func probe(sender: EmailAddress) -> TransferResult {
        handle.set(.customRequest, "MAIL FROM:<\(sender)>")
        handle.set(.noBody, 1)
        return perform()
    }

    private func perform() -> TransferResult {
        observer.begin()
        return transferResult(handle.perform())
    }
}

// MARK: Settings

extension SMTPConnection {
    private func configure() {
        let scheme = relay.tls == .tls ? "smtps" : "smtp"
        handle.set(.url, "\(scheme)://\(relay.address)/\(relay.clientName)")
        handle.set(.protocols, scheme)
        // The environment must not lead mail elsewhere: an empty proxy also hides ALL_PROXY.
        handle.set(.proxy, "")
        handle.set(.tcpKeepAlive, 1)
        if let login {
            handle.set(.username, login.username)
            handle.set(login.mechanism == .token ? .bearerToken : .password, login.secret.value)
            handle.set(.loginOptions, login.options)
        }
    }

    private func configureTLS() {
        handle.set(.useTLS, relay.tls == .none ? TLSUse.never : TLSUse.always)
        handle.set(.verifyPeer, 1)
        handle.set(.verifyHost, 2)
        handle.set(.tlsVersion, TLSUse.version12OrLater)
        if let caFile = relay.caFile {
            handle.set(.caFile, caFile)
            // Without this the system's folder of authorities would be trusted as well.
            handle.set(.caFolder, nil)
        }
    }

    /// The observer breaks off a step that takes too long. libcurl's own limits, which know fewer steps, are set so that they
    /// never come first.
    private func configureTimeouts() {
        let whole = relay.timeouts.all.reduce(Duration.seconds(2), +)
        handle.set(.connectTimeout, whole.milliseconds)
        handle.set(.responseTimeout, (whole.milliseconds + 999) / 1000)
        handle.set(.totalTimeout, whole.milliseconds)
    }
}

// MARK: Result

extension SMTPConnection {
    private func transferResult(_ performed: CurlResult) -> TransferResult {
        let result = performed == .stopped && observer.isOverdue ? .timedOut : performed
        let stage = stage(after: result)
        return TransferResult(
            result: result, stage: stage, code: observer.lacksAuthentication ? nil : observer.code,
            reply: shown(observer.reply), reusedConnection: stage >= .sender && handle.connectionsOpened == 0,
            bodyWasSent: stage == .body && handle.bytesUploaded >= handle.uploadSize,
            wasStopped: result == .stopped && observer.wasStopped, seconds: handle.seconds,
            detail: sanitized(handle.errorMessage), certificateResult: handle.certificateResult,
            connectionError: handle.connectionError, mechanism: login?.mechanism,
            challenge: shown(words(ofChallenge: observer.challenge)), offeredMechanisms: observer.offeredMechanisms)
    }

    /// What the wire showed; for what does not show there, libcurl's result and how far its stopwatch got.
    private func stage(after result: CurlResult) -> Stage {
        if observer.lacksAuthentication { return .authentication }
        return switch (observer.stage, result) {
        case (nil, .unreadableCAFile), (.hello, .tlsNotOffered): .tls
        case (.hello, .loginDenied): .authentication
        case (.tls, _) where relay.tls == .tls && handle.didFinishTLSHandshake: .greeting
        case (let stage?, _): stage
        case (nil, _) where !handle.didResolve: .resolve
        case (nil, _) where !handle.didConnect: .connect
        case (nil, _): .greeting
        }
    }

    private func shown(_ reply: String) -> String {
        login?.appear(in: reply, of: relay) == true ? "(withheld: it repeats the credentials)" : sanitized(reply)
    }
}
