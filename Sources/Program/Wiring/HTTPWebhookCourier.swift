import Configuration
import Domain
import HTTPClient
import Operations
import Threading
import Worker

/// Joins the worker to HTTP: signs an event and posts it.
struct HTTPWebhookCourier: WebhookCourier {
    let url: String
    let signer: WebhookSigner
    let session: HTTPSession

    /// Of a receiver's words this many characters are kept.
    private static let longestWords = 200

    func deliver(_ message: WebhookMessage, at now: Instant) -> Delivery {
        let headers = ["Content-Type: application/json", "User-Agent: Pulih/\(Program.version)"]
        let server = WebAddress.server(of: url)
        do throws(HTTPError) {
            let response = try session.post(
                message.body, to: url, headers: headers + signer.headers(of: message, at: now))
            return Delivery(
                WebhookAnswer(
                    status: response.status, retryAfter: response.headers["retry-after"],
                    location: response.headers["location"].map { Excerpt.of($0, atMost: Self.longestWords) },
                    words: Excerpt.of(String(decoding: response.body, as: UTF8.self), atMost: Self.longestWords),
                    seconds: response.seconds, reusedConnection: response.reusedConnection), from: server)
        } catch {
            let phrase = Excerpt.of(error.phrase, atMost: Excerpt.reply)
            return Delivery(
                outcome: .temporary, stage: Self.stage(of: error.cause), code: nil, reply: phrase,
                explanation: "\(server) \(phrase)\(Self.cure(for: error.cause))", seconds: error.seconds,
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
        case .timedOut, .stopped, .brokeOff: Delivery.webhookAnswer
        }
    }

    private static func cure(for cause: HTTPError.Cause) -> String {
        switch cause {
        case .forbidden: "; check webhook.url"
        case .nameNotFound: "; check webhook.url and this machine's DNS"
        case .unreachable, .timedOut: "; check webhook.url, firewalls and the application; no proxy is used"
        case .untrusted: "; if the authority is one of your own, name it as webhook.caFile"
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
    /// Nil for an application that is told nothing.
    /// - Throws: `SecretFileError`.
    init?(_ configured: ApplicationConfiguration, stop: StopSignal) throws {
        guard let webhook = configured.application.webhook, let file = configured.webhookSecretFile else { return nil }
        let signer = WebhookSigner(try WebhookSecretFile.read(file))
        let settings = HTTPSession.Settings(caFile: configured.webhookCAFile)
        self.init(application: configured.application.id, url: webhook.url, server: WebAddress.server(of: webhook.url))
        {
            HTTPWebhookCourier(url: webhook.url, signer: signer, session: HTTPSession(settings, stop: stop))
        }
    }
}
