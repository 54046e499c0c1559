extension TransferResult {
    /// One sentence for operators: which relay, at which step, what it said or did, and what usually cures it.
    func explanation(for relay: Relay) -> String {
        if isAccepted {
            return stage <= .sender
                ? "\(relay.address) is ready for mail (\(protection(of: relay)))."
                : "\(relay.address) took the message: \(decisiveCode ?? 250) \(reply)."
        }
        if wasStopped {
            return "\(relay.address) was left at \(stage.name) because this program was asked to stop: \(consequence)."
        }
        if refusesToken { return tokenRefusal(at: relay) }
        if let code = decisiveCode {
            let words = reply.isEmpty ? "\(code)" : "\(code) \(reply)"
            return "\(relay.address) answered \(stage.name) with \"\(words)\": \(cure(for: code, at: relay))."
        }
        let (event, cure) = failure(at: relay)
        return "\(relay.address) \(event): \(cure)."
    }

    private func protection(of relay: Relay) -> String {
        let tls =
            switch relay.tls {
            case .starttls: "STARTTLS, certificate verified"
            case .tls: "TLS, certificate verified"
            case .none: "in clear"
            }
        return tls + (relay.credentials.map { ", logged in as \($0.username)" } ?? ", without a login")
            + ", sender accepted"
    }

    var consequence: String {
        bodyWasSent
            ? "it had the whole message and may or may not have kept it" : "the message had not been handed over"
    }

    /// What to do about a reply that says no.
    private func cure(for code: Int, at relay: Relay) -> String {
        switch (stage, code) {
        case (_, 421): "it is closing or overloaded, so try again later"
        case (.greeting, _): "it does not serve this machine; check that this client may use it"
        case (.hello, _): "it refuses this client; check that \"\(relay.clientName)\" is this machine's full name"
        case (.tls, _): "it offers STARTTLS but cannot do it; its certificate or configuration may be broken"
        case (.authentication, 535): "the user name or the password is wrong"
        case (.authentication, 400..<500): "it cannot check passwords now, so try again later"
        case (.authentication, 538): "it takes no password in clear; set TLS mode \"starttls\" or \"tls\""
        case (.authentication, _): "it refuses this login; check the user name, the password and the account's rights"
        case (.sender, _) where reply.lowercased().contains("starttls"):
            "it wants TLS first; set TLS mode \"starttls\""
        case (.sender, 530): "it asks for a login; set a user name and a password"
        case (.sender, 400..<500): "it takes no mail from this sender now, so try again later"
        case (.sender, _): "it refuses the envelope sender; check that this login may send from that address"
        case (.recipient, 400..<500): "it does not take this recipient now (greylisting, a limit or a full mailbox)"
        case (.recipient, 500..<600) where reply.lowercased().contains("relay"):
            "it does not relay for this client; set a user name and a password, or allow this machine to relay"
        case (.recipient, 500..<600): "the mailbox does not exist or takes no mail from this sender"
        case (_, 552): "the message or the mailbox is too large"
        case (_, 400..<500): "it does not take this message now, so try again later"
        case (_, 500..<600): "it refuses this message; check the sender address and the content against its rules"
        default: "that is no reply to this step; check that it is an SMTP relay"
        }
    }
}

extension Stage {
    /// The step in an operator's words.
    var name: String {
        switch self {
        case .resolve: "the name look-up"
        case .connect: "connecting"
        case .tls: "the TLS handshake"
        case .greeting: "the greeting"
        case .hello: "EHLO"
        case .authentication: "AUTH"
        case .sender: "MAIL FROM"
        case .recipient: "RCPT TO"
        case .data: "DATA"
        case .body: "the message"
        }
    }
}
