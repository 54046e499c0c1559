import SMTP
import Support
import Testing

/// Logins that fail in ways a real server does not offer; a loopback relay may be asked in clear.
@Suite struct AuthenticationTests {
    private static let password = "rahasia-Sekali 9"

    @Test(arguments: ["535 5.7.8 wrong", "454 4.7.0 later", "534 5.7.9 too weak", "421 4.7.0 closing"])
    func `a refused login is the relay's fault and no mail command follows`(reply: String) throws {
        let (outcome, journal) = try send(extensions: ["AUTH PLAIN LOGIN"]) {
            // The second line of the exchange is the credentials, which the relay sees as a verb.
            $0.verb == "AUTH" ? [.say("334 ")] : $0.verb.hasPrefix("AHB1BGLO") ? [.say(reply)] : nil
        }
        #expect(outcome.status == .relayFault)
        #expect(outcome.stage == .authentication)
        #expect(outcome.code == Int(reply.prefix(3)))
        #expect(outcome.reply == reply.dropFirst(4))
        #expect(journal.commands("MAIL").isEmpty)
    }

    @Test(arguments: [[], ["AUTH"], ["AUTH GSSAPI NTLM CRAM-MD5 DIGEST-MD5 XOAUTH2"]])
    func `credentials are never passed over because the relay offers no way to use them`(extensions: [String]) throws {
        let (outcome, journal) = try send(extensions: ["SIZE 1000"] + extensions)
        #expect(outcome.status == .relayFault)
        #expect(outcome.stage == .authentication)
        #expect(outcome.code == nil)
        #expect(outcome.explanation.contains("offers no AUTH PLAIN or LOGIN"))
        #expect(journal.commands("DATA").isEmpty)
    }

    @Test func `a probe needs the login too`() throws {
        let peer = try ScriptedRelay()
        let outcome = SMTPClient(to: try Self.relay(peer.port)).probe(sender: try EmailAddress("bounces@pulih.example"))
        #expect(outcome.status == .relayFault)
        #expect(outcome.stage == .authentication)
    }

    @Test(arguments: [
        "535 not good: \(password)",
        "501 5.5.4 syntax error in AHB1bGloAHJhaGFzaWEtU2VrYWxpIDk=",
        "501 5.5.4 SYNTAX ERROR IN AHB1BGLOAHJHAGFZAWETU2VRYWXPIDK=",
    ])
    func `a relay that repeats the credentials does not bring them into the outcome`(reply: String) throws {
        let (outcome, _) = try send(extensions: ["AUTH PLAIN"]) {
            $0.verb == "AUTH" ? [.say("334 ")] : $0.verb.hasPrefix("AHB1BGLO") ? [.say(reply)] : nil
        }
        #expect(outcome.reply == "(withheld: it repeats the credentials)")
        #expect(!"\(outcome)".contains(Self.password))
        #expect(!"\(outcome)".lowercased().contains("ahb1bglo"))
        #expect(outcome.code == Int(reply.prefix(3)))
    }

    @Test func `a password that looks like a command in base64 is not taken for one`() throws {
        let peer = try ScriptedRelay(extensions: ["AUTH LOGIN"]) {
            switch $0.line {
            case "AUTH LOGIN", "cHVsaWg=": [.say("334 ")]
            case "RCPTgA==": [.say("535 5.7.8 wrong")]
            default: nil
            }
        }
        let relay = try Relay(
            host: "127.0.0.1", port: peer.port, tls: .none,
            credentials: Relay.Credentials(username: "pulih", password: "D#\u{4C0}"))
        let outcome = SMTPClient(to: relay).send(try sampleMessage())
        #expect(peer.journal.commands.contains("RCPTgA=="))
        #expect(outcome.stage == .authentication)
        #expect(outcome.status == .relayFault)
    }

    @Test func `no way of printing a relay shows the password`() throws {
        let relay = try Self.relay(25)
        var dumped = ""
        dump(relay, to: &dumped)
        for text in ["\(relay)", String(reflecting: relay), dumped, "\(relay.credentials as Any)"] {
            #expect(!text.contains(Self.password))
        }
    }

    private static func relay(_ port: Int) throws -> Relay {
        try Relay(
            host: "127.0.0.1", port: port, tls: .none,
            credentials: Relay.Credentials(username: "pulih", password: password),
            timeouts: StepTimeouts(each: .seconds(5)))
    }

    private func send(
        extensions: [String], script: @escaping ScriptedRelay.Script = { _ in nil }
    ) throws -> (SendResult, RelayJournal) {
        let peer = try ScriptedRelay(extensions: extensions, script: script)
        let outcome = SMTPClient(to: try Self.relay(peer.port)).send(try sampleMessage())
        return withExtendedLifetime(peer) { (outcome, peer.journal) }
    }
}
