import SMTP
import Support
import Testing

/// Every way in which a transfer ends, each produced by a scripted relay.
@Suite struct DeliveryStatusTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let verdict: DeliveryStatus
        let stage: Stage
        let code: Int?
        let text: String
        let responseTimeout: Duration
        let script: ScriptedRelay.Script

        init(
            _ name: String, _ verdict: DeliveryStatus, _ stage: Stage, _ code: Int? = nil, text: String = "Halo\n",
            responseTimeout: Duration = .seconds(10), script: @escaping ScriptedRelay.Script
        ) {
            self.name = name
            self.verdict = verdict
            self.stage = stage
            self.code = code
            self.text = text
            self.responseTimeout = responseTimeout
            self.script = script
        }

        var testDescription: String { name }
    }

    @Test(arguments: replies + losses + silences)
    func `the verdict follows step, code and whether the body had gone`(row: Row) throws {
        let (outcomes, _) = try outcomes(
            text: row.text, responseTimeout: row.responseTimeout, script: row.script)
        let outcome = outcomes[0]
        #expect(outcome.status == row.verdict, "\(outcome)")
        #expect(outcome.stage == row.stage, "\(outcome)")
        #expect(outcome.code == row.code, "\(outcome)")
        #expect(!outcome.reusedConnection)
        #expect(outcome.explanation.hasPrefix("127.0.0.1:"))
    }

    @Test(arguments: [
        ("CONNECT", "554 no", "the greeting", "check that this client may use it"),
        ("EHLO", "550 no", "EHLO", "this machine's full name"),
        ("MAIL", "530 5.7.0 login", "MAIL FROM", "set a user name and a password"),
        ("MAIL", "553 5.7.1 not you", "MAIL FROM", "may send from that address"),
        ("RCPT", "450 4.2.0 wait", "RCPT TO", "greylisting"),
        ("RCPT", "550 5.1.1 who", "RCPT TO", "the mailbox does not exist"),
        ("RCPT", "554 5.7.1 Relay access denied", "RCPT TO", "allow this machine to relay"),
        (".", "552 5.3.4 too big", "the message", "too large"),
        (".", "554 5.7.1 spam", "the message", "the content"),
        ("DATA", "421 4.3.2 bye", "DATA", "try again later"),
    ])
    func `an explanation names the relay, the step, the reply and a cure`(
        verb: String, reply: String, step: String, cure: String
    ) throws {
        let (outcomes, _) = try outcomes {
            $0.verb == verb || ($0.verb == "HELO" && verb == "EHLO") ? [.say(reply)] : nil
        }
        let explanation = outcomes[0].explanation
        #expect(explanation.contains(" answered \(step) with \"\(reply)\": "), "\(explanation)")
        #expect(explanation.contains(cure), "\(explanation)")
    }

    /// Answers one verb, the first time.
    static func at(_ verb: String, _ acts: ScriptedRelay.Act...) -> ScriptedRelay.Script {
        { $0.verb == verb && $0.count == 0 ? acts : nil }
    }

    static func at(_ verb: String, _ reply: String) -> ScriptedRelay.Script {
        at(verb, .say(reply))
    }

    static let replies: [Row] = [
        Row("all goes well", .delivered, .body, 250, script: { _ in nil }),
        Row("another 2yz ends the message", .delivered, .body, 200, script: at(".", "200 fine")),

        Row("greeting 554", .relayFault, .greeting, 554, script: at("CONNECT", "554 no service")),
        Row("greeting 421", .relayFault, .greeting, 421, script: at("CONNECT", "421 too busy")),
        Row(
            "EHLO 550", .relayFault, .hello, 550,
            script: { ["EHLO", "HELO"].contains($0.verb) ? [.say("550 go")] : nil }),
        Row("MAIL 451", .relayFault, .sender, 451, script: at("MAIL", "451 not now")),
        Row("MAIL 550", .relayFault, .sender, 550, script: at("MAIL", "550 not you")),
        Row("MAIL 530", .relayFault, .sender, 530, script: at("MAIL", "530 log in first")),
        Row("MAIL 421", .relayFault, .sender, 421, script: at("MAIL", .say("421 closing"), .close)),
        Row("RCPT 451", .temporary, .recipient, 451, script: at("RCPT", "451 greylisted")),
        Row("RCPT 550", .permanent, .recipient, 550, script: at("RCPT", "550 no such user")),
        Row("RCPT 421", .relayFault, .recipient, 421, script: at("RCPT", .say("421 closing"), .close)),
        Row("RCPT 999", .temporary, .recipient, 999, script: at("RCPT", "999 what")),
        Row("DATA 451", .temporary, .data, 451, script: at("DATA", "451 not now")),
        Row("DATA 554", .permanent, .data, 554, script: at("DATA", "554 no")),
        Row("DATA 250", .temporary, .data, nil, script: at("DATA", "250 what")),
        Row("end 452", .temporary, .body, 452, script: at(".", "452 disk full")),
        Row("end 554", .permanent, .body, 554, script: at(".", "554 spam")),
        Row("end 421", .relayFault, .body, 421, script: at(".", .say("421 closing"), .close)),
        Row("end 354", .unknown, .body, nil, script: at(".", "354 go on")),
        Row("end 999", .unknown, .body, 999, script: at(".", "999 what")),
        Row(
            "end 554 in three lines", .permanent, .body, 554,
            script: at(".", .say("554-5.7.1 no"), .say("554-5.7.1 no"), .say("554 5.7.1 no"))),
    ]

    static let large = String(repeating: "Sebaris teks yang panjang, supaya isinya besar.\n", count: 200_000)

    static let losses: [Row] = [
        Row("closed before the greeting", .relayFault, .greeting, script: at("CONNECT", .close)),
        Row("closed after half a greeting", .relayFault, .greeting, script: at("CONNECT", .raw("220 scr"), .close)),
        Row("closed at EHLO", .relayFault, .hello, script: at("EHLO", .close)),
        Row("closed at MAIL", .temporary, .sender, script: at("MAIL", .close)),
        Row("closed at RCPT", .temporary, .recipient, script: at("RCPT", .close)),
        Row("reset at RCPT", .temporary, .recipient, script: at("RCPT", .reset)),
        Row("closed at DATA", .temporary, .data, script: at("DATA", .close)),
        Row(
            "reset in the body", .temporary, .body, text: large,
            script: at("DATA", .say("354 go on"), .swallow(100_000), .reset)),
        Row(
            "refused and closed in the body", .temporary, .body, text: large,
            script: at("DATA", .say("354 go on"), .swallow(100_000), .say("552 too big"), .close)),
        Row("closed at the end", .unknown, .body, script: at(".", .close)),
        Row("reset at the end", .unknown, .body, script: at(".", .reset)),
        Row("half a reply at the end", .unknown, .body, script: at(".", .raw("250"), .close)),
        Row("half a refusal at the end", .unknown, .body, script: at(".", .raw("554 no"), .close)),
        Row("an unfinished reply at the end", .unknown, .body, script: at(".", .say("554-no"), .close)),
    ]

    static let silences: [Row] = [
        silence("CONNECT", .relayFault, .greeting),
        silence("EHLO", .relayFault, .hello),
        silence("MAIL", .temporary, .sender),
        silence("RCPT", .temporary, .recipient),
        silence("DATA", .temporary, .data),
        silence(".", .unknown, .body),
        Row(
            "stops reading the body", .temporary, .body, text: large, responseTimeout: .seconds(1),
            script: at("DATA", .say("354 go on"), .freeze)),
        Row(
            "drips its answer to the end", .unknown, .body, responseTimeout: .seconds(1),
            script: at(".", .drip("250 ok and much more to tell\r\n", seconds: 0.2))),
        Row(
            "answers the end without end", .unknown, .body, responseTimeout: .seconds(1),
            script: at(".", .flood("250-still thinking"))),
    ]

    static func silence(_ verb: String, _ verdict: DeliveryStatus, _ stage: Stage) -> Row {
        Row("silence at \(verb)", verdict, stage, responseTimeout: .seconds(1), script: at(verb, .fallSilent))
    }
}
