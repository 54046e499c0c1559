import SMTP
import Support

/// A relay in clear on this machine, given up on quickly.
func loopbackRelay(
    _ port: Int, responseTimeout: Duration = .seconds(10), messagesPerConnection: Int = 10
) throws -> Relay {
    try Relay(
        host: "127.0.0.1", port: port, tls: .none, timeouts: StepTimeouts(each: responseTimeout),
        messagesPerConnection: messagesPerConnection)
}

func sampleMessage(
    sender: String = "bounces@pulih.example", recipient: String = "siti@bank.example", subject: String = "Reset TOTP",
    text: String = "Halo Siti,\nbuka tautan ini.\n", html: String? = "<p>Halo Siti</p>\n", extra: [Header] = []
) throws(MessageError) -> Message {
    try Message(
        envelopeSender: sender, recipient: recipient,
        headers: [
            Header("From", "Pulih <no-reply@pulih.example>"),
            Header("To", "siti@bank.example"),
            Header("Subject", subject),
            Header("Date", "Sat, 23 Nov 2024 22:39:00 +0700"),
            Header("Message-ID", "<8f14e45f@pulih.example>"),
            Header("Auto-Submitted", "auto-generated"),
        ] + extra,
        text: text, html: html)
}

/// Sends sample messages one after the other over one courier to a relay with this script.
func outcomes(
    of count: Int = 1, text: String = "Halo\n", extensions: [String] = ["SIZE 100000000"],
    responseTimeout: Duration = .seconds(10), script: @escaping ScriptedRelay.Script
) throws -> (outcomes: [SendResult], journal: RelayJournal) {
    let peer = try ScriptedRelay(extensions: extensions, script: script)
    let courier = SMTPClient(to: try loopbackRelay(peer.port, responseTimeout: responseTimeout))
    let message = try sampleMessage(text: text)
    let outcomes = (0..<count).map { _ in courier.send(message) }
    return withExtendedLifetime(peer) { (outcomes, peer.journal) }
}
