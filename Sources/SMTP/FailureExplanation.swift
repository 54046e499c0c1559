import Curl

extension TransferResult {
    /// What went wrong without a reply that says so, and what usually cures it.
    func failure(at relay: Relay) -> (event: String, cure: String) {
        switch result {
        case .couldNotResolveHost:
            ("cannot be found by name", "check the host name and this machine's DNS")
        case .couldNotConnect:
            ("cannot be reached (\(connectionError))", "check host, port and firewalls, and that the relay runs")
        case .timedOut: timeoutExplanation(at: relay)
        case .tlsNotOffered:
            (
                "does not offer STARTTLS",
                "nothing was sent in clear; use its submission port, or TLS mode \"tls\" if the port takes TLS at once"
            )
        case .peerNotVerified: certificateExplanation(at: relay)
        case .unreadableCAFile:
            (
                "cannot be verified, since the CA file \(relay.caFile ?? "") cannot be read",
                "check its path, rights and content"
            )
        case .tlsHandshakeFailed where relay.tls == .tls:
            ("did not speak TLS (\(detail))", "if the port expects STARTTLS, as 587 does, set TLS mode \"starttls\"")
        case .tlsHandshakeFailed:
            ("failed in the TLS handshake (\(detail))", "it must speak TLS 1.2 or later")
        case .loginDenied where stage == .authentication,
            .stopped where stage == .authentication:
            mechanism == .token
                ? (
                    "offers no AUTH \(Login.Mechanism.token.name)",
                    "it takes no token; use the port meant for submission, or log in with a password"
                )
                : (
                    "offers no AUTH \(Login.Mechanism.password.name)",
                    "use the port meant for submission, or leave user name and password out if it asks for none"
                )
        // libcurl's words for an orderly end name the errno of an earlier call.
        case .receiveFailed where detail.hasPrefix("response reading failed"):
            ("closed the connection at \(stage.name)", cureForDisconnect(at: relay))
        default:
            ("broke off at \(stage.name)\(detail.isEmpty ? "" : " (\(detail))")", cureForDisconnect(at: relay))
        }
    }

    /// What to do about a connection that ended before the conversation did.
    private func cureForDisconnect(at relay: Relay) -> String {
        switch stage {
        case .greeting where relay.tls == .none:
            "it may refuse this machine, or expect TLS at once, as port 465 does; if so, set TLS mode \"tls\""
        case .greeting: "it may refuse this machine; look into its log, and check host, port and TLS mode"
        case .resolve, .connect, .tls, .hello, .authentication:
            "nothing was handed over; look into the relay's log for why, and try again later"
        case .sender, .recipient, .data, .body: "\(consequence); look into the relay's log for why"
        }
    }

    private func timeoutExplanation(at relay: Relay) -> (String, String) {
        let event = "did not get past \(stage.name) in time (\((seconds * 10).rounded() / 10) s)"
        return switch stage {
        case .resolve: (event, "check this machine's DNS")
        case .connect: (event, "a firewall may swallow the connection; check host and port")
        case .greeting where relay.tls != .tls:
            (event, "a port that expects TLS at once, as 465 does, keeps silent; if so, set TLS mode \"tls\"")
        default: (event, "the relay is slow or stuck; \(consequence)")
        }
    }

    /// The numbers are OpenSSL's X509_V_ERR codes. libcurl compares the name itself, before it looks at OpenSSL's
    /// result, which stands at 1 until then.
    private func certificateExplanation(at relay: Relay) -> (String, String) {
        switch certificateResult {
        case 0, 1:
            (
                "has a certificate for another name than \(relay.host)",
                "set the host to a name in the certificate, and check that this is the right relay"
            )
        case 9: ("has a certificate that is not valid yet", "check this machine's clock")
        case 10: ("has a certificate that has expired", "have it renewed, and check this machine's clock")
        case 2, 18, 19, 20, 21:
            (
                "has a certificate from an authority unknown here",
                "if it is the relay's own authority, name its certificate as CA file"
            )
        default: ("has a certificate that cannot be trusted (\(detail))", "have the relay's certificate repaired")
        }
    }
}
