import Foundation
import Support
import Testing

@Suite struct MailServerTests {
    @Test func `a message is kept as it came, with its envelope`() throws {
        let server = try MailServer()
        #expect(try SMTPClient(server).send(to: "budi@pulih.test") == "250 OK")
        let message = try server.waitForMessage { $0.recipients == ["budi@pulih.test"] }
        #expect(message.sender == "noreply@pulih.test")
        #expect(message.answer == "250 OK")
        #expect(message.user == nil && !message.secured)
        let content = try Data(contentsOf: URL(fileURLWithPath: message.path))
        #expect(content == Data("Subject: Percobaan\r\n\r\n.isi\r\n".utf8))
        #expect(content.count == message.bytes)
        #expect(server.messages == [message])
    }

    @Test func `STARTTLS and a login are demanded, and what used them is told`() throws {
        let certificate = try TestCertificate(for: ["127.0.0.1"])
        let server = try MailServer(
            .startTLS(certificate), login: MailServer.Login(user: "pulih", password: "rahasia"))
        var client = SMTPClient(server)
        #expect(try client.send(to: "plain@pulih.test") == "530 Must issue a STARTTLS command first")
        client.security = "startTLS"
        client.trusting = certificate.authorityFile
        #expect(try client.send(to: "anonymous@pulih.test") == "530 5.7.0 Authentication required")
        client.user = "pulih"
        client.password = "salah"
        #expect(try client.send(to: "wrong@pulih.test").hasPrefix("535 5.7.8"))
        let refusal = try #require(server.refusals.first)
        #expect(refusal.stage == .authentication && refusal.answer == "535" && refusal.connection == 3)
        client.password = "rahasia"
        #expect(try client.send(to: "right@pulih.test") == "250 OK")
        let message = try #require(server.messages.first)
        #expect(server.messages.count == 1)
        #expect(message.secured && message.user == "pulih" && message.connection == 4)
    }

    @Test func `TLS from the first byte works, with a login too, and a client that trusts another turns away`() throws {
        let certificate = try TestCertificate(for: ["127.0.0.1"])
        let server = try MailServer(.tls(certificate), login: MailServer.Login(user: "pulih", password: "rahasia"))
        var client = SMTPClient(server)
        client.security = "tls"
        (client.user, client.password) = ("pulih", "rahasia")
        let stranger = try TestCertificate()
        client.trusting = stranger.authorityFile
        #expect(try client.send(to: "a@pulih.test").hasPrefix("SSLCertVerificationError"))
        client.trusting = certificate.authorityFile
        #expect(try client.send(to: "b@pulih.test") == "250 OK")
        #expect(server.messages.map(\.recipients) == [["b@pulih.test"]])
        #expect(server.messages.map(\.secured) == [true])
        #expect(server.messages.map(\.user) == ["pulih"])
    }

    @Test(arguments: [
        (MailServer.Rule.Stage.connection, "421 4.3.2 Shutting down"), (.sender, "451 4.3.0 Try again"),
        (.recipient, "450 4.2.0 Greylisted"), (.recipient, "550 5.1.1 No such user"),
        (.recipient, "421 4.3.2 Shutting down"), (.data, "451 4.3.0 No room"), (.body, "554 5.6.0 Not this"),
    ])
    func `an artificial answer is given at its stage, as often as asked, then no more`(
        stage: MailServer.Rule.Stage, reply: String
    ) throws {
        let server = try MailServer()
        try server.follow([.answer(reply, at: stage, times: 1)])
        let client = SMTPClient(server)
        #expect(try client.send(to: "a@pulih.test") == reply)
        #expect(try client.send(to: "a@pulih.test") == "250 OK")
        #expect(server.refusals.map(\.answer) == [reply])
        #expect(server.refusals.map(\.stage) == [stage])
        #expect(server.messages.map(\.answer) == (stage == .body ? [reply, "250 OK"] : ["250 OK"]))
    }

    @Test func `answers to STARTTLS and to the login are artificial too, until the rules are replaced`() throws {
        let certificate = try TestCertificate(for: ["127.0.0.1"])
        let server = try MailServer(.startTLS(certificate), login: MailServer.Login(user: "u", password: "p"))
        var client = SMTPClient(server)
        client.security = "startTLS"
        (client.user, client.password) = ("u", "p")
        try server.follow([.answer("454 4.7.0 TLS not available", at: .startTLS)])
        #expect(try client.send(to: "a@pulih.test") == "454 4.7.0 TLS not available")
        try server.follow([.answer("454 4.7.0 Try the login later", at: .authentication)])
        #expect(try client.send(to: "a@pulih.test") == "454 4.7.0 Try the login later")
        try server.follow([.disconnect(at: .body)])
        #expect(try client.send(to: "a@pulih.test").hasPrefix("SMTPServerDisconnected"))
        try server.follow([])
        #expect(try client.send(to: "a@pulih.test") == "250 OK")
    }

    @Test func `a rule for one recipient leaves the others alone`() throws {
        let server = try MailServer()
        try server.follow([
            .answer("550 5.1.1 No such user", at: .recipient, recipient: "bad@pulih.test"),
            .answer("554 5.6.0 Not this", at: .body, recipient: "picky@pulih.test"),
        ])
        let client = SMTPClient(server)
        #expect(try client.send(to: "good@pulih.test") == "250 OK")
        #expect(try client.send(to: "bad@pulih.test") == "550 5.1.1 No such user")
        #expect(try client.send(to: "picky@pulih.test") == "554 5.6.0 Not this")
    }

    @Test(arguments: [MailServer.Rule.Stage.connection, .recipient, .body])
    func `a connection is dropped instead of an answer`(stage: MailServer.Rule.Stage) throws {
        let server = try MailServer()
        try server.follow([.disconnect(at: stage, times: 1)])
        #expect(try SMTPClient(server).send(to: "a@pulih.test").hasPrefix("SMTPServerDisconnected"))
        try server.waitForRefusal { $0.stage == stage && $0.answer == "disconnect" }
        #expect(server.messages.map(\.answer) == (stage == .body ? ["disconnect"] : []))
        #expect(try SMTPClient(server).send(to: "a@pulih.test") == "250 OK")
    }

    @Test func `a slow answer is slow, and its message is told before`() throws {
        let server = try MailServer()
        try server.follow([.delay(.seconds(600), at: .body)])
        let client = try Subprocess("/usr/bin/python3", SMTPClient(server).arguments(to: "slow@pulih.test"))
        let message = try server.waitForMessage { $0.recipients == ["slow@pulih.test"] }
        #expect(message.isAccepted)
        #expect(client.exit == nil)
    }

    @Test func `a server that went down refuses connections and comes back on its port with its messages`() throws {
        let server = try MailServer()
        let client = SMTPClient(server)
        #expect(try client.send(to: "before@pulih.test") == "250 OK")
        try server.stop()
        #expect(try client.send(to: "during@pulih.test").hasPrefix("ConnectionRefusedError"))
        try server.start()
        #expect(try client.send(to: "after@pulih.test") == "250 OK")
        let messages = try server.waitForMessages(2)
        #expect(messages.flatMap(\.recipients) == ["before@pulih.test", "after@pulih.test"])
        #expect(Set(messages.map(\.path)).count == 2)
        #expect(server.connectionCount == 2)
    }

    @Test func `a wait for a message that does not come says what did come`() throws {
        let server = try MailServer()
        try server.follow([.answer("550 5.1.1 No such user", at: .recipient)])
        _ = try SMTPClient(server).send(to: "a@pulih.test")
        let error = #expect(throws: SupportFailure.self) { try server.waitForMessage(timeout: .milliseconds(50)) }
        #expect(error?.description.contains("550 5.1.1 No such user") == true)
    }
}
