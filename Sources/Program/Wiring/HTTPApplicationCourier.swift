import Configuration
import Domain
import HTTPClient
import OpenID
import Operations
import Threading
import Worker

/// Joins the worker to HTTP: posts what an application is told.
struct HTTPApplicationCourier: ApplicationCourier {
    /// One message, ready to be posted.
    struct Posting {
        let body: String
        let headers: [String]
    }

    let kind: JobKind
    let url: String
    let session: HTTPSession
    /// Makes the posting of an attempt; nil for a message of another kind.
    let posting: (ApplicationMessage, Instant) -> Posting?

    /// Of a receiver's words this many characters are kept.
    private static let longestWords = 200

    func deliver(_ message: ApplicationMessage, at now: Instant) -> Delivery {
        let server = WebAddress.server(of: url)
        guard let posting = posting(message, now) else { preconditionFailure("a message of another lane") }
        do throws(HTTPError) {
            let headers = posting.headers + ["User-Agent: Pulih/\(Program.version)"]
            let response = try session.post(posting.body, to: url, headers: headers)
            return Delivery(
                ApplicationAnswer(
                    status: response.status, retryAfter: response.headers["retry-after"],
                    location: response.headers["location"].map { Excerpt.of($0, atMost: Self.longestWords) },
                    words: Excerpt.of(String(decoding: response.body, as: UTF8.self), atMost: Self.longestWords),
                    seconds: response.seconds, reusedConnection: response.reusedConnection), from: server, to: kind)
        } catch {
            let phrase = Excerpt.of(error.phrase, atMost: Excerpt.reply)
            return Delivery(
                outcome: .temporary, stage: Self.stage(of: error.cause), code: nil, reply: phrase,
                explanation: "\(server) \(phrase)\(cure(for: error.cause))", seconds: error.seconds,
                reusedConnection: false)
        }
    }

    func disconnect() { session.disconnect() }

    private static func stage(of cause: HTTPError.Cause) -> String {
        switch cause {
        case .forbidden: "message"
        case .nameNotFound: "resolve"
        case .unreachable: "connect"
        case .untrusted, .unreadableAuthorities, .handshakeFailed: "tls"
        case .timedOut, .stopped, .brokeOff: Delivery.applicationAnswer
        }
    }

    private func cure(for cause: HTTPError.Cause) -> String {
        switch cause {
        case .forbidden: "; check \(Delivery.addressKey(of: kind))"
        case .nameNotFound: "; check \(Delivery.addressKey(of: kind)) and this machine's DNS"
        case .unreachable, .timedOut:
            "; check \(Delivery.addressKey(of: kind)), firewalls and the application; no proxy is used"
        case .untrusted:
            "; if the authority is one of your own, name it as \(kind == .logout ? "logoutCAFile" : "webhook.caFile")"
        case .unreadableAuthorities: "; check its path, rights and content"
        case .handshakeFailed: "; it must speak TLS 1.2 or later"
        case .stopped, .brokeOff: ""
        }
    }
}

extension Store {
    /// Who is told what, for those who queue events. Nothing is written where it is the same already.
    func keep(webhooksOf configuration: Configuration) throws {
        let configured = configuration.applications.compactMap { Webhook($0.application) }
            .sorted { $0.application < $1.application }
        let known = try read { try $0.webhooks() }
        guard known.count != configured.count || !zip(known, configured).allSatisfy({ $0.isConfigured(like: $1) })
        else { return }
        try write { try $0.setWebhooks(configured) }
    }
}

extension Worker.Equipment.Receiver {
    /// Where an application is told what happens; nil when it is told nothing.
    /// - Throws: `SecretFileError`.
    init?(eventsOf configured: ApplicationConfiguration, stop: StopSignal) throws {
        guard let webhook = configured.application.webhook, let file = configured.webhookSecretFile else { return nil }
        let signer = WebhookSigner(try WebhookSecretFile.read(file))
        self.init(.webhook, configured, url: webhook.url, caFile: configured.webhookCAFile, stop: stop) {
            message, now in
            guard case .event(let event) = message else { return nil }
            return .init(
                body: event.body, headers: ["Content-Type: application/json"] + signer.headers(of: event, at: now))
        }
    }

    /// Where an application is told that logins are over; nil when it does not want to know.
    init?(logoutsOf configured: ApplicationConfiguration, _ tokens: LogoutTokens, stop: StopSignal) {
        let application = configured.application
        guard let url = application.client?.logoutURI else { return nil }
        self.init(.logout, configured, url: url, caFile: configured.logoutCAFile, stop: stop) { message, now in
            guard case .logout(let notice) = message else { return nil }
            return .init(
                body: "logout_token=\(tokens.token(notice, for: application, at: now))",
                headers: ["Content-Type: application/x-www-form-urlencoded"])
        }
    }

    private init(
        _ kind: JobKind, _ configured: ApplicationConfiguration, url: String, caFile: String?, stop: StopSignal,
        posting: @escaping @Sendable (ApplicationMessage, Instant) -> HTTPApplicationCourier.Posting?
    ) {
        let settings = HTTPSession.Settings(caFile: caFile)
        self.init(
            ReceiverID(kind, configured.application.id), url: url, server: WebAddress.server(of: url)
        ) {
            HTTPApplicationCourier(
                kind: kind, url: url, session: HTTPSession(settings, stop: stop), posting: posting)
        }
    }
}
