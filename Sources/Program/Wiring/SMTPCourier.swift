import Configuration
import Domain
import SMTP
import Threading
import Worker

/// Joins the worker to SMTP: writes the headers that every mail of ours carries, and sends.
struct SMTPCourier: Domain.Courier {
    private let connection: SMTP.SMTPClient
    private let mail: Configuration.Mail
    private let sender: String
    private let from: Header
    private let replyTo: Header?
    private let zone: LocalTimeZone

    /// RFC 3834 section 5: answering machines stay silent.
    private static let autoSubmitted = Header("Auto-Submitted", "auto-generated")

    init(_ configuration: Configuration, to relay: Relay, stop: StopSignal) {
        connection = SMTP.SMTPClient(to: relay, stop: stop)
        mail = configuration.mail
        sender = configuration.mail.sender
        from = Header("From", configuration.mail.from)
        replyTo = configuration.mail.replyTo.map { Header("Reply-To", $0) }
        zone = configuration.timeZone
    }

    func observe(_ onStage: @escaping (String) -> Void) { connection.onStage = { onStage($0.rawValue) } }

    func disconnect() { connection.disconnect() }

    func check() -> Delivery {
        do {
            return Self.delivery(connection.probe(sender: try SMTP.EmailAddress(mail.envelopeSender)))
        } catch {
            // The configuration was checked when it was read.
            return Delivery(
                outcome: .permanent, stage: "message", code: nil, reply: "\(error)", explanation: "mail.from: \(error)",
                seconds: 0, reusedConnection: false)
        }
    }

    func deliver(_ mail: RenderedMail) -> Delivery {
        do {
            return Self.delivery(connection.send(try message(mail)))
        } catch {
            // The address was checked when the account was made, so this is a mail that can never go.
            return Delivery(
                outcome: .permanent, stage: "message", code: nil, reply: "\(error)",
                explanation: "The mail could not be written: \(error).", seconds: 0, reusedConnection: false)
        }
    }

    private func message(_ mail: RenderedMail) throws(MessageError) -> Message {
        let time = LocalTimeFormatter(language: .english, zone: zone)
        var headers = [
            Header("Date", time.mailHeader(mail.date)),
            from,
            Header("To", mail.recipient),
            Header("Subject", mail.subject),
            Header("Message-ID", "<\(mail.messageID)>"),
            Self.autoSubmitted,
            Header("X-Pulih-Request", mail.requestID),
        ]
        if let replyTo { headers.append(replyTo) }
        return try Message(
            envelopeSender: mail.returnAddress ?? sender, recipient: mail.recipient, headers: headers,
            text: mail.textBytes, html: mail.htmlBytes)
    }

    static func delivery(_ result: SendResult) -> Delivery {
        let outcome: Delivery.Outcome =
            switch result.status {
            case .delivered: .delivered
            case .temporary: .temporary
            case .permanent: .permanent
            case .relayFault: .relayFault
            case .unknown: .unknown
            }
        return Delivery(
            outcome: outcome, stage: result.stage.rawValue, code: result.code, reply: result.reply,
            explanation: result.explanation, seconds: result.seconds, reusedConnection: result.reusedConnection)
    }
}

extension Worker.Equipment.Relay {
    /// - Throws: `SecretFileError`.
    init(_ relay: RelayConfiguration, _ configuration: Configuration, stop: StopSignal) throws {
        let address = try relay.relay()
        self.init(
            name: relay.name, idleTimeout: relay.idleTimeout,
            token: { now in
                SMTP.SMTPClient.renewToken(for: address, stop: stop).map { status in
                    RelayToken(
                        endsAt: status.remaining.map { now + .milliseconds(Int64($0 / .milliseconds(1))) },
                        failure: status.failure?.sentence)
                }
            },
            courier: { SMTPCourier(configuration, to: address, stop: stop) })
    }
}
