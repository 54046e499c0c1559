import SMTP
import Support
import Testing

/// TLS and AUTH against a real server; whatever is wrong with them, nothing leaves in clear.
@Suite struct TLSTests {
    private static let login = MailServer.Login(user: "pulih", password: "rahasia-Sekali 9")
    private static let credentials = Relay.Credentials(username: "pulih", password: "rahasia-Sekali 9")

    @Test(arguments: [TLSMode.starttls, .tls])
    func `a message goes over verified TLS after a login, and the next one over the same connection`(
        mode: TLSMode
    ) throws {
        let certificate = try TestCertificate()
        let peer = try MailServer(security(mode, certificate), login: Self.login)
        let courier = SMTPClient(
            to: try Relay(
                host: "localhost", port: Int(peer.port), tls: mode, caFile: certificate.authorityFile,
                credentials: Self.credentials))
        let probe = courier.probe(sender: try EmailAddress("bounces@pulih.example"))
        #expect(probe.status == .delivered, "\(probe)")
        #expect(probe.explanation.hasSuffix("certificate verified, logged in as pulih, sender accepted)."))
        for (count, isReused) in [(1, false), (2, true)] {
            let outcome = courier.send(try sampleMessage())
            #expect(outcome.status == .delivered, "\(outcome)")
            #expect(outcome.reusedConnection == isReused)
            let received = try #require(try peer.waitForMessages(count).last)
            #expect(received.secured && received.user == "pulih")
            #expect(received.sender == "bounces@pulih.example")
            #expect(received.recipients == ["siti@bank.example"])
        }
    }

    @Test(arguments: [TLSMode.starttls, .tls])
    func `an authority that is not trusted is told as such`(
        mode: TLSMode
    ) throws {
        let (certificate, other) = (try TestCertificate(), try TestCertificate())
        let peer = try MailServer(security(mode, certificate))
        for caFile in [nil, other.authorityFile] {
            let outcome = try send(to: Int(peer.port), mode, caFile: caFile)
            expectFault(outcome, .tls, "authority unknown here")
        }
    }

    @Test func `a certificate for another name is told as such`() throws {
        let certificate = try TestCertificate(for: ["mail.pulih.example"])
        let peer = try MailServer(.startTLS(certificate))
        let outcome = try send(to: Int(peer.port), .starttls, caFile: certificate.authorityFile)
        expectFault(outcome, .tls, "another name than localhost")
    }

    @Test func `an expired certificate is told as such`() throws {
        let certificate = try TestCertificate(for: ["localhost"], .expired)
        let peer = try MailServer(.startTLS(certificate))
        let outcome = try send(to: Int(peer.port), .starttls, caFile: certificate.authorityFile)
        expectFault(outcome, .tls, "has expired")
    }

    @Test func `a CA file that is not there is told as such`() throws {
        let certificate = try TestCertificate()
        let peer = try MailServer(.startTLS(certificate))
        let outcome = try send(to: Int(peer.port), .starttls, caFile: "/nonexistent/authority.pem")
        expectFault(outcome, .tls, "/nonexistent/authority.pem cannot be read")
    }

    @Test func `a wrong password is told as such and never shown`() throws {
        let certificate = try TestCertificate()
        let peer = try MailServer(.startTLS(certificate), login: Self.login)
        let wrong = Relay.Credentials(username: "pulih", password: "bukan-itu")
        let outcome = try send(to: Int(peer.port), .starttls, caFile: certificate.authorityFile, credentials: wrong)
        expectFault(outcome, .authentication, "the user name or the password is wrong")
        #expect(outcome.code == 535)
        #expect(!"\(outcome)".contains("bukan-itu"))
    }

    @Test func `a relay without STARTTLS gets neither a sender nor a password`() throws {
        let peer = try ScriptedRelay(extensions: ["AUTH PLAIN LOGIN"])
        let outcome = try send(to: Int(peer.port), .starttls, credentials: Self.credentials)
        expectFault(outcome, .tls, "does not offer STARTTLS")
        #expect(peer.journal.commands.first == "EHLO localhost")
        #expect(peer.journal.commands.allSatisfy { ["EHLO localhost", "QUIT"].contains($0) })
    }

    @Test func `a refused STARTTLS ends the transfer`() throws {
        let peer = try ScriptedRelay(extensions: ["STARTTLS", "AUTH PLAIN"]) {
            $0.verb == "STARTTLS" ? [.say("454 4.7.0 TLS not available")] : nil
        }
        let outcome = try send(to: Int(peer.port), .starttls, credentials: Self.credentials)
        expectFault(outcome, .tls, "454 4.7.0 TLS not available")
        #expect(peer.journal.commands.allSatisfy { ["EHLO localhost", "STARTTLS", "QUIT"].contains($0) })
    }

    @Test func `replies that were slipped in before TLS are not read after it`() throws {
        let peer = try ScriptedRelay(extensions: ["STARTTLS", "AUTH PLAIN"]) {
            $0.verb == "STARTTLS" ? [.raw("220 go on\r\n250 AUTH PLAIN\r\n")] : nil
        }
        let outcome = try send(to: Int(peer.port), .starttls, credentials: Self.credentials)
        expectFault(outcome, .tls, "")
        #expect(peer.journal.commands.allSatisfy { ["EHLO localhost", "STARTTLS", "QUIT"].contains($0) })
    }

    @Test func `TLS at once on a port that expects STARTTLS names the cure`() throws {
        let peer = try ScriptedRelay(extensions: ["STARTTLS"])
        expectFault(try send(to: Int(peer.port), .tls), .tls, "set TLS mode \"starttls\"")
        #expect(peer.journal.commands("MAIL").isEmpty)
    }

    @Test func `STARTTLS on a port that expects TLS at once names the cure`() throws {
        let certificate = try TestCertificate()
        let peer = try MailServer(.tls(certificate))
        let outcome = try send(to: Int(peer.port), .starttls, caFile: certificate.authorityFile)
        expectFault(outcome, .greeting, "set TLS mode \"tls\"")
    }

    @Test func `a relay that says nothing after TLS was silent at the greeting`() throws {
        let certificate = try TestCertificate()
        // It ends with its input, so that must stay open.
        let command = "tail -f /dev/null | exec openssl s_server -accept 127.0.0.1:0 -cert $0 -key $1"
        let peer = try Subprocess("sh", ["-c", command, certificate.certificateFile, certificate.keyFile])
        let port = try #require(Int(peer.waitForLine(matching: #/^ACCEPT .*:(\d+)/#).1))
        let outcome = try send(to: port, .tls, caFile: certificate.authorityFile)
        expectFault(outcome, .greeting, "did not get past the greeting")
    }

    private func security(_ mode: TLSMode, _ certificate: TestCertificate) -> MailServer.Security {
        mode == .tls ? .tls(certificate) : .startTLS(certificate)
    }

    private func send(
        to port: Int, _ mode: TLSMode, caFile: String? = nil, credentials: Relay.Credentials? = nil
    ) throws -> SendResult {
        let relay = try Relay(
            host: "localhost", port: port, tls: mode, caFile: caFile, credentials: credentials,
            timeouts: StepTimeouts(each: .seconds(3)))
        return SMTPClient(to: relay).send(try sampleMessage())
    }

    private func expectFault(_ outcome: SendResult, _ stage: Stage, _ words: String) {
        #expect(outcome.status == .relayFault, "\(outcome)")
        #expect(outcome.stage == stage, "\(outcome)")
        #expect(words.isEmpty || outcome.explanation.contains(words), "\(outcome)")
    }
}
