import Foundation
import SMTP
import Support
import Testing
import Threading

/// Logins by OAuth 2.0 at a relay that answers as a test says.
@Suite struct TokenLoginTests {
    private static let token = "ya29.token-6b0c_which-is-secret"

    /// Gives these tokens, one after the other as each is refused, then fails.
    private final class Tokens: TokenSource {
        private let left: Monitor<[String]>

        init(_ tokens: [String]) { left = Monitor(tokens) }

        func token(insteadOf refused: String?, stop: StopSignal) throws(TokenError) -> String {
            let token = left.withLock { left -> String? in
                if left.first == refused, left.count > 1 { left.removeFirst() }
                return left.first
            }
            guard let token else { throw TokenError("the endpoint is down", cure: "start it") }
            return token
        }

        func renew(stop: StopSignal) -> TokenStatus { TokenStatus(remaining: nil, failure: nil) }

        var cureForRefusal: String { "check the account" }
    }

    private static func line(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

    private static func xoauth2(_ token: String) -> String { line("user=pulih\u{1}auth=Bearer \(token)\u{1}\u{1}") }

    private func send(
        extensions: [String], tokens: [String] = [token], username: String = "pulih",
        script: @escaping ScriptedRelay.Script
    ) throws -> (SendResult, RelayJournal, Int) {
        let peer = try ScriptedRelay(extensions: extensions, script: script)
        let relay = try Relay(
            host: "127.0.0.1", port: peer.port, tls: .none,
            credentials: Relay.Credentials(username: username, tokens: Tokens(tokens)),
            timeouts: StepTimeouts(each: .seconds(5)))
        let outcome = SMTPClient(to: relay).send(try sampleMessage())
        return withExtendedLifetime(peer) { (outcome, peer.journal, peer.port) }
    }

    @Test func `XOAUTH2 where the relay offers it, and never a password mechanism`() throws {
        let (outcome, journal, _) = try send(extensions: ["AUTH LOGIN PLAIN XOAUTH2"]) {
            $0.verb == "AUTH" ? [.say("334 ")] : $0.line == Self.xoauth2(Self.token) ? [.say("235 ok")] : nil
        }
        #expect(outcome.status == .delivered, "\(outcome)")
        #expect(journal.commands("AUTH") == ["AUTH XOAUTH2"])
    }

    @Test func `OAUTHBEARER is preferred, unless the name would need escapes that libcurl does not write`() throws {
        let offer = ["AUTH XOAUTH2 OAUTHBEARER PLAIN"]
        let script: ScriptedRelay.Script = { moment in
            moment.verb == "AUTH" ? [.say("334 ")] : moment.line.hasSuffix("=") ? [.say("235 ok")] : nil
        }
        let (_, journal, port) = try send(extensions: offer, script: script)
        #expect(journal.commands("AUTH") == ["AUTH OAUTHBEARER"])
        let text = "n,a=pulih,\u{1}host=127.0.0.1\u{1}port=\(port)\u{1}auth=Bearer \(Self.token)\u{1}\u{1}"
        #expect(journal.commands.contains(Self.line(text)))
        let (_, other, _) = try send(extensions: offer, username: "pulih,a=b", script: script)
        #expect(other.commands("AUTH") == ["AUTH XOAUTH2"])
    }

    @Test(arguments: [[], ["AUTH PLAIN LOGIN CRAM-MD5"]])
    func `a relay that takes no tokens is told, and gets none`(extensions: [String]) throws {
        let (outcome, journal, _) = try send(extensions: ["SIZE 1000"] + extensions) { _ in nil }
        #expect(outcome.status == .relayFault)
        #expect(outcome.stage == .authentication)
        #expect(outcome.explanation.contains("offers no AUTH OAUTHBEARER or XOAUTH2: it takes no token"))
        #expect(journal.commands("AUTH").isEmpty && journal.commands("DATA").isEmpty)
    }

    @Test(arguments: ["535 5.7.3 no", "334 eyJzdGF0dXMiOiI0MDAifQ=="])
    func `a refused token is replaced once, on a new connection`(refusal: String) throws {
        let (outcome, journal, _) = try send(extensions: ["AUTH XOAUTH2"], tokens: ["old", "new", "never"]) {
            switch $0.line {
            case "AUTH XOAUTH2": [.say("334 ")]
            case Self.xoauth2("old"): [.say(refusal)]
            case Self.xoauth2("new"): [.say("235 ok")]
            default: nil
            }
        }
        #expect(outcome.status == .delivered, "\(outcome)")
        #expect(journal.connections == 2 && journal.messages.count == 1)
    }

    @Test func `two refusals are the relay's fault, in the words of its challenge`() throws {
        let challenge = Self.line(#"{"status":"401","schemes":"bearer","scope":"https://mail.google.com/"}"#)
        let (outcome, journal, port) = try send(extensions: ["AUTH XOAUTH2"], tokens: ["old", "new", "never"]) {
            $0.verb == "AUTH" ? [.say("334 ")] : $0.line.hasPrefix("dXNlcj") ? [.say("334 \(challenge)")] : nil
        }
        #expect(outcome.status == .relayFault)
        #expect(
            outcome.explanation
                == "127.0.0.1:\(port) refused the token (status 401, schemes bearer, scope https://mail.google.com/): "
                + "check the account.")
        #expect(journal.connections == 2 && journal.commands("MAIL").isEmpty)
    }

    @Test func `OAUTHBEARER's challenge is answered and comes before the reply`() throws {
        let challenge = Self.line(#"{"status":"insufficient_scope","scope":"mail.send"}"#)
        let (outcome, journal, port) = try send(extensions: ["AUTH OAUTHBEARER"]) {
            switch $0.line {
            case "AUTH OAUTHBEARER": [.say("334 ")]
            case "AQ==": [.say("535 5.7.8 bad token")]
            case let line where line.hasPrefix("bixhP"): [.say("334 \(challenge)")]
            default: nil
            }
        }
        #expect(outcome.code == 535)
        #expect(
            outcome.explanation.hasPrefix(
                "127.0.0.1:\(port) refused the token with \"535 5.7.8 bad token\" (status insufficient_scope, scope mail.send): "
                    + "the token's scope is not enough"), "\(outcome.explanation)")
        #expect(journal.commands.contains("AQ=="))
    }

    @Test(arguments: [
        "535 bad \(token)", "535 bad \(token.uppercased())", "535 bad \(xoauth2(token))",
        "535 bad \(xoauth2(token).dropFirst(9).prefix(40))", "334 \(line("{\"status\":\"\(token)\"}"))",
    ])
    func `a relay that repeats the token does not bring it into the outcome`(refusal: String) throws {
        let (outcome, _, _) = try send(extensions: ["AUTH XOAUTH2"]) {
            $0.verb == "AUTH" ? [.say("334 ")] : $0.line.hasPrefix("dXNlcj") ? [.say(refusal)] : nil
        }
        #expect(outcome.status == .relayFault)
        #expect(outcome.explanation.contains("(withheld: it repeats the credentials)"), "\(outcome.explanation)")
        #expect(!"\(outcome)".lowercased().contains("token-6b0c"))
        #expect(!"\(outcome)".contains(Self.xoauth2(Self.token).dropFirst(9).prefix(20)))
    }

    @Test func `without a token the relay is not asked, and the message is not to blame`() throws {
        let (outcome, journal, port) = try send(extensions: ["AUTH XOAUTH2"], tokens: []) { _ in nil }
        #expect(outcome.status == .relayFault)
        #expect(outcome.explanation == "There is no token for 127.0.0.1:\(port): the endpoint is down: start it.")
        #expect(journal.connections == 0)
    }

    @Test func `no way of printing a relay shows its tokens`() throws {
        let relay = try Relay(
            host: "127.0.0.1", port: 25, credentials: .init(username: "pulih", tokens: Tokens([Self.token])))
        var dumped = ""
        dump(relay, to: &dumped)
        #expect(!"\(relay)\(dumped)\(String(reflecting: relay))".contains(Self.token))
    }

    @Test(arguments: [(["CRAM-MD5"], "rahasia"), (["CRAM-MD5", "PLAIN"], "rahasia"), (["CRAM-MD5"], "salah")])
    func `CRAM-MD5 over TLS where there is nothing simpler`(mechanisms: [String], password: String) throws {
        let certificate = try TestCertificate()
        let server = try MailServer(
            .startTLS(certificate), login: .init(user: "pulih", password: "rahasia", mechanisms: mechanisms))
        let relay = try Relay(
            host: "localhost", port: Int(server.port), caFile: certificate.authorityFile,
            credentials: Relay.Credentials(username: "pulih", password: password))
        let client = SMTPClient(to: relay)
        let outcomes = try (0..<2).map { _ in client.send(try sampleMessage()) }
        if password == "rahasia" {
            #expect(outcomes.allSatisfy { $0.status == .delivered }, "\(outcomes)")
            #expect(server.messages.map(\.user) == ["pulih", "pulih"])
            #expect(server.connectionCount == (mechanisms.count == 1 ? 2 : 1), "what was learnt is kept")
        } else {
            #expect(outcomes.allSatisfy { $0.status == .relayFault && $0.code == 535 })
            #expect(outcomes[0].explanation.contains("the user name or the password is wrong"))
        }
    }
}
