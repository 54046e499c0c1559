import SMTP
import Support
import Testing

@Suite struct ConnectionReuseTests {
    @Test func `messages share a connection, which ends with QUIT when the courier hangs up`() throws {
        let peer = try ScriptedRelay()
        let courier = SMTPClient(to: try loopbackRelay(peer.port))
        let message = try sampleMessage()
        let outcomes = (0..<3).map { _ in courier.send(message) }
        #expect(outcomes.map(\.status) == [.delivered, .delivered, .delivered])
        #expect(outcomes.map(\.reusedConnection) == [false, true, true])
        #expect(peer.journal.connections == 1)
        #expect(peer.journal.commands("QUIT").isEmpty)
        courier.disconnect()
        #expect(peer.journal.waitFor("QUIT"))
        #expect(courier.send(message).reusedConnection == false)
    }

    @Test(arguments: [(1, 25), (3, 9), (10, 3), (25, 1)])
    func `a connection carries as many messages as it may and ends with QUIT`(limit: Int, connections: Int) throws {
        let peer = try ScriptedRelay()
        let courier = SMTPClient(to: try loopbackRelay(peer.port, messagesPerConnection: limit))
        let message = try sampleMessage()
        let outcomes = (0..<25).map { _ in courier.send(message) }
        #expect(outcomes.allSatisfy { $0.status == .delivered })
        #expect(outcomes.map(\.reusedConnection) == (0..<25).map { $0 % limit != 0 })
        #expect(peer.journal.connections == connections)
        courier.disconnect()
        #expect(peer.journal.waitFor("QUIT"))
    }

    /// How a relay ends a connection that has carried one message.
    @Test(arguments: [
        ("421 while idle", ".", [ScriptedRelay.Act.say("250 ok"), .say("421 idle"), .close]),
        ("close while idle", ".", [.say("250 ok"), .close]),
        ("421 to MAIL", "MAIL", [.say("421 too long"), .close]),
        ("close at MAIL", "MAIL", [.close]),
        ("reset at MAIL", "MAIL", [.reset]),
        ("silence at MAIL", "MAIL", [.fallSilent]),
    ])
    func `a message that meets a stale connection goes over a new one at once`(
        name: String, verb: String, acts: [ScriptedRelay.Act]
    ) throws {
        let (outcomes, journal) = try outcomes(of: 2, responseTimeout: .seconds(1)) {
            $0.connection == 0 && $0.verb == verb && $0.count == (verb == "MAIL" ? 1 : 0) ? acts : nil
        }
        #expect(outcomes.map(\.status) == [.delivered, .delivered], "\(name): \(outcomes[1])")
        #expect(outcomes[1].reusedConnection == false)
        #expect(journal.connections == 2)
        #expect(journal.messages.count == 2)
    }

    @Test func `a second 421 on the new connection is the relay's fault`() throws {
        let (outcomes, journal) = try outcomes(of: 2) {
            $0.verb == "MAIL" && $0.connection + $0.count == 1 ? [.say("421 go away"), .close] : nil
        }
        #expect(outcomes[1].status == .relayFault)
        #expect(outcomes[1].code == 421)
        #expect(journal.connections == 2)
    }

    @Test(arguments: [("MAIL", "451 not now", DeliveryStatus.relayFault), ("RCPT", "550 no such user", .permanent)])
    func `a refusal on a reused connection is not repeated`(verb: String, reply: String, verdict: DeliveryStatus) throws
    {
        let (outcomes, journal) = try outcomes(of: 2) {
            $0.verb == verb && $0.count == 1 ? [.say(reply)] : nil
        }
        #expect(outcomes[1].status == verdict)
        #expect(outcomes[1].reusedConnection)
        #expect(journal.connections == 1)
    }

    @Test func `a connection lost after MAIL on a reused connection is not tried again`() throws {
        let (outcomes, journal) = try outcomes(of: 2) { $0.verb == "RCPT" && $0.count == 1 ? [.close] : nil }
        #expect(outcomes[1].status == .temporary)
        #expect(outcomes[1].stage == .recipient)
        #expect(journal.connections == 1)
    }

    @Test func `a late reply is never read as the next message's`() throws {
        // The first message is answered only after QUIT, the second is refused: a courier that kept the
        // connection would read the late 250 as its answer.
        let (outcomes, journal) = try outcomes(of: 2, responseTimeout: .seconds(1)) {
            switch ($0.verb, $0.connection) {
            case (".", 0): []
            case ("QUIT", 0): [.say("250 late"), .close]
            case (".", _): [.say("554 spam")]
            default: nil
            }
        }
        #expect(outcomes.map(\.status) == [.unknown, .permanent])
        #expect(journal.connections == 2)
    }

    @Test(arguments: [("RCPT", "550 no"), (".", "554 no"), ("DATA", "451 no")])
    func `any failure ends the connection`(verb: String, reply: String) throws {
        let (outcomes, journal) = try outcomes(of: 2) {
            $0.verb == verb && $0.connection == 0 ? [.say(reply)] : nil
        }
        #expect(outcomes[1].status == .delivered)
        #expect(outcomes[1].reusedConnection == false)
        #expect(journal.connections == 2)
        #expect(journal.waitFor("QUIT"))
    }

    @Test func `a probe uses a connection of its own and sends nothing`() throws {
        let peer = try ScriptedRelay()
        let outcome = SMTPClient(to: try loopbackRelay(peer.port)).probe(
            sender: try EmailAddress("bounces@pulih.example"))
        #expect(outcome.status == .delivered, "\(outcome)")
        #expect(
            outcome.explanation
                == "127.0.0.1:\(peer.port) is ready for mail (in clear, without a login, sender accepted).")
        #expect(peer.journal.waitFor("QUIT"))
        #expect(peer.journal.commands == ["EHLO localhost", "MAIL FROM:<bounces@pulih.example>", "QUIT"])
    }

    @Test func `a probe tells a relay that is not there`() throws {
        let peer = try ScriptedRelay { $0.verb == "CONNECT" ? [.say("554 no service")] : nil }
        let outcome = SMTPClient(to: try loopbackRelay(peer.port)).probe(
            sender: try EmailAddress("bounces@pulih.example"))
        #expect(outcome.status == .relayFault)
        #expect(outcome.stage == .greeting)
    }
}
