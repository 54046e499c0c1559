import Foundation
import Support
import Testing

/// Login at a real relay over STARTTLS with tokens of OAuth 2.0, from a real endpoint over TLS or from a file.
@Suite
struct RelayTokenTests {
    private static let secret = "client-secret-0f6e27"

    /// A relay that takes tokens only, an endpoint and an installation that uses both.
    private struct Scene {
        let mail: MailServer
        let tokens: ScriptedServer
        let desk: OperatorClient

        /// - Parameters:
        ///   - accepted: the token that the relay takes.
        ///   - login: the keys of `smtp` for the login; the endpoint when nil.
        init(
            accepted: String, mechanisms: [String] = ["XOAUTH2", "OAUTHBEARER"], answers: [ScriptedServer.Answer] = [],
            login: String? = nil
        ) throws {
            let certificate = try TestCertificate()
            mail = try MailServer(
                .startTLS(certificate),
                login: MailServer.Login(user: "pulih@example.org", password: accepted, mechanisms: mechanisms))
            tokens = try ScriptedServer(certificate, answers)
            let client = """
                oauth2: {
                    tokenURL: "\(tokens.url)", caFile: "\(tokens.authorityFile)", clientID: "pulih", scope: "mail.send",
                    clientSecretFile: "smtp.secret",
                }
                """
            desk = try OperatorClient(
                smtp: """
                    host: "localhost", port: \(mail.port), caFile: "\(certificate.authorityFile)",
                    username: "pulih@example.org", \(login ?? client)
                    """)
            try desk.folder.write(RelayTokenTests.secret + "\n", to: "smtp.secret")
        }
    }

    @Test(
        "A mail goes out by a fetched token, which like the secret is told nowhere",
        arguments: ["XOAUTH2", "OAUTHBEARER"])
    func sent(mechanism: String) throws {
        let token = "access-token-5a1d93-\(mechanism)"
        let scene = try Scene(accepted: token, mechanisms: [mechanism], answers: [.token(token)])
        let desk = scene.desk
        let check = try desk.succeed("check", "--smtp")
        #expect(check.contains("logged in as pulih@example.org, sender accepted"), "\(check)")
        let configuration = try desk.folder.read("pulih.json5")
        try desk.folder.write(configuration.dropLast(2) + "log: { level: \"debug\" } }", to: "pulih.json5")
        let worker = try desk.start("worker")
        var told = [check]
        for _ in 0..<2 { told.append(try desk.succeed("mail", "test", "--to", "x@example.org")) }
        #expect(scene.mail.messages.map(\.user) == ["pulih@example.org", "pulih@example.org"])
        #expect(scene.tokens.requests.count == 2, "one of the check, one of the worker")
        let arguments = try Data(contentsOf: URL(fileURLWithPath: "/proc/\(worker.processID)/cmdline"))
        told.append(String(decoding: arguments, as: UTF8.self))
        for page in ["/", "/jobs", "/jobs/1", "/metrics", "/readyz"] {
            told.append(try HTTPClient(port: desk.operationsPort).get(page).text)
        }
        told.append(try desk.succeed("queue", "show", "1", "--json"))
        try worker.stop(timeout: .seconds(20))
        told.append(worker.transcript)
        for file in ["pulih.db", "pulih.db-wal"] {
            let data = FileManager.default.contents(atPath: desk.folder.file(file)) ?? Data()
            told.append(String(decoding: data, as: UTF8.self))
        }
        for text in told {
            for word in [token, Data(token.utf8).base64EncodedString(), Self.secret] { #expect(!text.contains(word)) }
        }
    }

    @Test("A token that the relay refuses is fetched anew once, and the mail goes out at its first attempt")
    func fetchedAnew() throws {
        let scene = try Scene(accepted: "second-token", answers: [.token("first-token"), .token("second-token")])
        let worker = try scene.desk.start("worker")
        try scene.desk.succeed("mail", "test", "--to", "x@example.org")
        #expect(scene.mail.refusals.count == 1 && scene.tokens.requests.count == 2)
        let jobs = try scene.desk.decoded([JobLine].self, "queue", "list")
        #expect(jobs.map(\.attempts) == [1])
        try worker.stop(timeout: .seconds(20))
    }

    @Test(
        "While the endpoint gives no token the relay counts as at fault, which costs no attempt; then the mail goes out"
    )
    func recovery() throws {
        let scene = try Scene(accepted: "good-token", answers: [.error("temporarily_unavailable", "Back soon")])
        let worker = try scene.desk.start("worker")
        let test = try scene.desk.start("mail", "test", "--to", "x@example.org", "--wait", "120", ready: "is queued")
        try worker.waitForLine(timeout: .seconds(20)) {
            $0.contains("event=relay.paused") && $0.contains("Back soon")
        }
        try scene.tokens.give([.token("good-token")])
        #expect(try test.waitForExit(timeout: .seconds(100)) == .code(0))
        #expect(try scene.desk.decoded([JobLine].self, "queue", "list").map(\.attempts) == [1])
        #expect(scene.mail.refusals.isEmpty)
        try worker.stop(timeout: .seconds(20))
    }

    struct Fault: Sendable {
        let signs: [String]
        var answers: [ScriptedServer.Answer] = [.token("stale-token-7711")]
        var mechanisms = ["XOAUTH2"]
        var isDown = false
    }

    @Test(
        "check --smtp and mail test tell each fault with its cure",
        arguments: [
            Fault(signs: ["cannot be reached (Connection refused)", "check smtp.oauth2.tokenURL"], isDown: true),
            Fault(
                signs: ["refused with \"invalid_client: The secret has ended\"", "smtp.oauth2.clientSecretFile"],
                answers: [.error("invalid_client", "The secret has ended")]),
            Fault(
                signs: ["invalid_scope: no such", "the scope \"mail.send\" is wrong; check smtp.oauth2.scope"],
                answers: [.error("invalid_scope", "no such")]),
            Fault(signs: [
                "refused the token (status invalid_token, schemes bearer, scope mail.send)", "it was fetched anew",
            ]),
            Fault(
                signs: ["with \"535 5.7.8", "(status invalid_token, schemes bearer, scope mail.send)"],
                mechanisms: ["OAUTHBEARER"]),
            Fault(signs: ["offers no AUTH OAUTHBEARER or XOAUTH2"], mechanisms: ["PLAIN", "LOGIN"]),
        ])
    func told(fault: Fault) throws {
        let scene = try Scene(accepted: "the-right-token", mechanisms: fault.mechanisms, answers: fault.answers)
        if fault.isDown { try scene.tokens.stop() }
        let check = try scene.desk.run("check", "--smtp")
        #expect(check.exit == .code(1))
        let worker = try scene.desk.start("worker")
        let test = try scene.desk.start("mail", "test", "--to", "x@example.org", "--wait", "120", ready: "is queued")
        let line = try test.waitForLine(timeout: .seconds(40)) { $0.hasPrefix("Attempt 1 (") }
        for sign in fault.signs + ["localhost:\(scene.mail.port)"] {
            #expect(check.output.contains(sign), "\(sign)\n\(check.output)")
            #expect(line.text.contains(sign), "\(sign)\n\(line.text)")
        }
        try worker.stop(timeout: .seconds(20))
        for text in [check.output, test.transcript, worker.transcript] {
            #expect(!text.contains("stale-token-7711") && !text.contains(Self.secret))
        }
    }

    @Test("A token that another program renews in a file is read anew for each mail, and its faults are told")
    func file() throws {
        let scene = try Scene(accepted: "renewed-token-1", login: "tokenFile: \"smtp.token\"")
        let desk = scene.desk
        #expect(try desk.run("check", "--smtp").output.contains("smtp.token cannot be read: No such file"))
        let worker = try desk.start("worker")
        try desk.folder.write("renewed-token-1\n", to: "smtp.token", mode: 0o644)
        #expect(try desk.run("check", "--smtp").output.contains("smtp.token has mode 0644: others can read it"))
        for number in 1...2 {
            try desk.folder.write("renewed-token-\(number)\n", to: "smtp.token")
            try scene.mail.takeToken("renewed-token-\(number)")
            try desk.succeed("mail", "test", "--to", "x@example.org")
        }
        #expect(scene.mail.refusals.isEmpty && scene.mail.connectionCount == 2)
        try scene.mail.takeToken("renewed-token-3")
        let folder = desk.folder
        try Subprocess.output(of: "touch", ["-d", "3 hours ago", folder.file("smtp.token")])
        let check = try desk.run("check", "--smtp").output
        #expect(check.contains("smtp.token, written 180 min ago, has expired or is not for this relay"), "\(check)")
        try worker.stop(timeout: .seconds(20))
        #expect(![check, worker.transcript].contains { $0.contains("renewed-token") })
        #expect(scene.tokens.requests.isEmpty)
    }
}
