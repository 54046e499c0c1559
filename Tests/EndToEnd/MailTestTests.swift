import Foundation
import Support
import Testing

/// `pulih mail test` and `pulih check --smtp`: every way in which mail fails, told with host, port, step, reply and cure.
@Suite
struct MailTestTests {
    /// A relay that fails, and what both commands must say of it.
    struct Fault: Sendable, CustomTestStringConvertible {
        let name: String
        let signs: [String]
        /// What only a mail to somebody brings to light.
        var needsMail = false
        let relay: @Sendable () throws -> FaultyRelay

        var testDescription: String { name }
    }

    static let faults: [Fault] = [
        Fault(
            name: "a port for STARTTLS is asked for TLS at once",
            signs: ["did not speak TLS", "set TLS mode \"starttls\""]
        ) { try FaultyRelay(.startTLS(TestCertificate()), mode: "tls") },
        Fault(
            name: "a port for TLS at once is asked for STARTTLS",
            signs: ["did not get past the greeting in time", "set TLS mode \"tls\""]
        ) { try FaultyRelay(.tls(TestCertificate()), mode: "starttls") },
        Fault(
            name: "a port without TLS is asked for STARTTLS",
            signs: ["does not offer STARTTLS", "nothing was sent in clear"]
        ) { try FaultyRelay(.none, mode: "starttls") },
        Fault(
            name: "a port that insists on STARTTLS is spoken to in clear",
            signs: ["answered MAIL FROM with \"530", "set TLS mode \"starttls\""]
        ) { try FaultyRelay(.startTLS(TestCertificate()), mode: "none") },
        Fault(
            name: "the relay's authority is unknown",
            signs: ["from an authority unknown here", "name its certificate as CA file"]
        ) { try FaultyRelay(.startTLS(TestCertificate()), mode: "starttls", trusts: TestCertificate()) },
        Fault(
            name: "the certificate is for another name",
            signs: ["has a certificate for another name than localhost", "set the host to a name in the certificate"]
        ) {
            let certificate = try TestCertificate(for: ["relay.example.org"])
            return try FaultyRelay(.startTLS(certificate), mode: "starttls", trusts: certificate)
        },
        Fault(
            name: "the certificate has expired", signs: ["has expired", "have it renewed"]
        ) {
            let certificate = try TestCertificate(for: ["localhost"], .expired)
            return try FaultyRelay(.startTLS(certificate), mode: "starttls", trusts: certificate)
        },
        Fault(
            name: "a login is configured and not offered",
            signs: ["offers no AUTH PLAIN or LOGIN", "leave user name and password out"]
        ) { try FaultyRelay(SMTPSink()) },
        Fault(
            name: "the password is wrong",
            signs: ["answered AUTH with \"535", "the user name or the password is wrong"]
        ) {
            let certificate = try TestCertificate()
            return try FaultyRelay(
                .startTLS(certificate), mode: "starttls", trusts: certificate, password: "not-the-password-9b1c")
        },
        Fault(
            name: "the sender is refused",
            signs: ["answered MAIL FROM with \"550 5.7.1 Not your address\"", "may send from that address"]
        ) { try FaultyRelay(.none, mode: "none", rules: [.answer("550 5.7.1 Not your address", at: .sender)]) },
        Fault(
            name: "the relay is closing", signs: ["answered the greeting with \"421", "try again later"]
        ) { try FaultyRelay(.none, mode: "none", rules: [.answer("421 4.3.2 Closing", at: .connection)]) },
        Fault(
            name: "nothing listens",
            signs: ["cannot be reached (Connection refused)", "check host, port and firewalls"]
        ) { try FaultyRelay(port: try FreePort()) },
        Fault(
            name: "the host has no address", signs: ["relay.invalid:587 cannot be found by name", "this machine's DNS"]
        ) { try FaultyRelay(host: "relay.invalid") },
        Fault(
            name: "greylisting", signs: ["answered RCPT TO with \"450 4.2.0 Greylisted\"", "greylisting"],
            needsMail: true
        ) { try FaultyRelay(.none, mode: "none", rules: [.answer("450 4.2.0 Greylisted", at: .recipient)]) },
    ]

    @Test("Both commands tell host, port, step, reply and cure at once", arguments: faults)
    func told(fault: Fault) throws {
        let relay = try fault.relay()
        let desk = try OperatorClient(smtp: relay.settings)
        if let password = relay.password { try desk.folder.write(password + "\n", to: "relay.password") }
        let check = try desk.run("check", "--smtp")
        if fault.needsMail {
            #expect(check.exit == .code(0), "\(check.output)")
        } else {
            #expect(check.exit == .code(1))
            for sign in fault.signs + [relay.place] { #expect(check.output.contains(sign), "\(sign)\n\(check.output)") }
        }
        let worker = try desk.start("worker")
        // The attempt is told while the job waits for the next: the test ends before the command does.
        let test = try desk.start("mail", "test", "--to", "x@example.org", "--wait", "120", ready: "is queued")
        let line = try test.waitForLine(timeout: .seconds(40)) { $0.hasPrefix("Attempt 1 (") }
        for sign in fault.signs + [relay.place, "The next attempt is due in"] {
            #expect(line.text.contains(sign), "\(sign)\n\(line.text)")
        }
        try worker.stop(timeout: .seconds(20))
        for text in [check.output, test.transcript, worker.transcript] {
            #expect(!text.contains("9b1c"), "the password is told nowhere")
        }
    }

    @Test("A mail that goes out: exit 0, with the relay's own words")
    func sent() throws {
        let relay = try FaultyRelay(.none, mode: "none")
        let desk = try OperatorClient(smtp: relay.settings)
        #expect(try desk.run("check", "--smtp").output.contains("is ready for mail (in clear, without a login"))
        #expect(relay.server?.messages.isEmpty == true, "a check sends nothing")
        let worker = try desk.start("worker")
        let test = try desk.run("mail", "test", "--to", "x@example.org")
        #expect(test.exit == .code(0), "\(test.error)")
        #expect(test.output.contains("The relay took the mail: "))
        #expect(relay.server?.messages.map(\.recipients) == [["x@example.org"]])
        try worker.stop(timeout: .seconds(15))
    }

    @Test("A greylisted mail is told as waiting, and as sent when the relay has made up its mind")
    func greylisted() throws {
        let relay = try FaultyRelay(
            .none, mode: "none", rules: [.answer("450 4.2.0 Greylisted", at: .recipient, times: 1)])
        let desk = try OperatorClient(smtp: relay.settings)
        let worker = try desk.start("worker")
        let test = try desk.run("mail", "test", "--to", "x@example.org")
        #expect(test.exit == .code(0), "\(test.error)")
        let lines = test.output.split(separator: "\n")
        #expect(lines.count == 3, "\(test.output)")
        #expect(lines[1].hasPrefix("Attempt 1 (temporary"))
        #expect(lines[2].hasPrefix("The relay took the mail"))
        try worker.stop(timeout: .seconds(15))
    }

    @Test("A refusal for good ends the wait at once, with exit 1 and the reason")
    func refused() throws {
        let relay = try FaultyRelay(.none, mode: "none", rules: [.answer("550 5.1.1 No such user", at: .recipient)])
        let desk = try OperatorClient(smtp: relay.settings)
        let worker = try desk.start("worker")
        let test = try desk.run("mail", "test", "--to", "x@example.org", "--wait", "600")
        #expect(test.exit == .code(1))
        #expect(test.error.contains("is dead (rejected)"))
        #expect(test.error.contains("\"550 5.1.1 No such user\": the mailbox does not exist"))
        try worker.stop(timeout: .seconds(15))
    }

    @Test("Without a worker, and with a paused lane, the command says so once and how to go on")
    func hindered() throws {
        let desk = try OperatorClient()
        let silent = try desk.run("mail", "test", "--to", "x@example.org", "--wait", "2")
        #expect(silent.exit == .code(1))
        #expect(silent.output.contains("No worker is running on this database. Start one with:"))
        #expect(silent.output.components(separatedBy: "No worker").count == 2, "once")
        #expect(silent.error.contains("Not sent after 2 s: job 1 is ready."))
        #expect(silent.error.contains("pulih queue discard 1 --config \(desk.configuration)"))
        try desk.succeed("queue", "pause", "mail-test", "--why", "relay maintenance")
        let paused = try desk.run("mail", "test", "--to", "x@example.org", "--wait", "1")
        #expect(paused.output.contains("The queue is paused by operator:"))
        #expect(paused.output.contains("relay maintenance"))
        #expect(paused.output.contains("pulih queue resume mail-test --config"))
    }
}

/// A relay that does not do what Pulih's configuration expects of it.
final class FaultyRelay: Sendable {
    /// The keys of `smtp` in the configuration.
    let settings: String
    /// As explanations name it.
    let place: String
    /// What Pulih logs in with.
    let password: String?
    let server: MailServer?
    private let kept: (any Sendable)?

    /// A real server.
    /// - Parameters:
    ///   - mode: Pulih's TLS mode.
    ///   - trusts: whose authority Pulih trusts; the system's when nil.
    init(
        _ security: MailServer.Security, mode: String, trusts certificate: TestCertificate? = nil,
        password: String? = nil, rules: [MailServer.Rule] = []
    ) throws {
        let login = MailServer.Login(user: "pulih", password: "relay-password-7f3a")
        let server = try MailServer(security, login: password != nil ? login : nil)
        try server.follow(rules)
        var keys = ["host: \"localhost\"", "port: \(server.port)", "tls: \"\(mode)\""]
        if let certificate { keys.append("caFile: \"\(certificate.authorityFile)\"") }
        if password != nil { keys += ["username: \"pulih\"", "passwordFile: \"relay.password\""] }
        settings = keys.joined(separator: ", ")
        place = "localhost:\(server.port)"
        self.password = password
        self.server = server
        kept = certificate
    }

    /// Postfix's sink, which knows no AUTH, for a configuration that has a login.
    init(_ sink: SMTPSink) throws {
        settings =
            "host: \"127.0.0.1\", port: \(sink.port), tls: \"none\", username: \"pulih\", "
            + "passwordFile: \"relay.password\""
        place = "127.0.0.1:\(sink.port)"
        password = "relay-password-7f3a"
        server = nil
        kept = sink
    }

    /// A port that nobody listens on.
    init(port: FreePort) throws {
        settings = "host: \"127.0.0.1\", port: \(port.number), tls: \"starttls\""
        place = "127.0.0.1:\(port.number)"
        password = nil
        server = nil
        kept = port
    }

    /// A name that never has an address (RFC 6761 section 6.4).
    init(host: String) throws {
        settings = "host: \"\(host)\", port: 587, tls: \"starttls\""
        place = "\(host):587"
        password = nil
        server = nil
        kept = nil
    }
}
