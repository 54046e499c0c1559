import Foundation
import Support
import Testing

/// Applications that are told what happens: real receivers over TLS, real processes.
@Suite("Webhooks, end to end")
struct WebhookTests {
    /// Pulih and the receivers of its events.
    private final class Scene {
        static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

        let installation: Installation

        /// - Parameter receivers: applications and who receives their events, with the authority they are trusted by.
        init(_ receivers: (application: String, url: String, caFile: String)..., settings: String = "") throws {
            let applications = receivers.map { receiver in
                let authority = receiver.caFile.isEmpty ? "" : "caFile: \"\(receiver.caFile)\","
                return """
                    { id: "\(receiver.application)",
                      webhook: { url: "\(receiver.url)", \(authority) secretFile: "app.secret" } },
                    """
            }
            installation = try Installation(settings: "applications: [\(applications.joined())], \(settings)")
            try setSecrets(Self.secret)
        }

        func setSecrets(_ secrets: String...) throws {
            try installation.folder.write(secrets.map { $0 + "\n" }.joined(), to: "app.secret")
        }

        func jobs() throws -> [JobLine] { try installation.jobs().filter { $0.kind == "webhook" } }
    }

    private struct Event: Decodable {
        let type: String
        let timestamp: String
        let data: [String: String]
    }

    private func event(_ request: ScriptedServer.Request) throws -> Event {
        try JSONDecoder().decode(Event.self, from: Data(request.body.utf8))
    }

    @Test("A reset is told, request by request, signed, and no event holds a secret")
    func told() throws {
        let receiver = try ScriptedServer(TestCertificate(), [.init(status: 204)])
        let scene = try Scene(("e-katalog", receiver.url, receiver.authorityFile))
        let installation = scene.installation
        let service = try installation.start()
        #expect(try installation.ask(for: Installation.budi, changing: ["email": "else@example.org"]).status == 303)
        #expect(try installation.ask(for: Installation.budi).status == 303)
        let mail = try installation.resetMail(to: Installation.budi)
        try receiver.waitForRequests(2)
        let link = try installation.link(in: mail)
        let path = String(link.dropFirst(installation.publicURL.count))
        let person = HTTPClient(port: installation.portal.number)
        let form = try FormPage(try person.get(path))
        #expect(try person.post(path, form: [("csrf", form.csrf)]).status == 200)
        let requests = try receiver.waitForRequests(3)
        let events = try requests.map(event)
        #expect(events.map(\.type) == ["reset.refused", "reset.requested", "totp.reset"])
        #expect(events.allSatisfy { $0.data["user_id"] == "budi" && $0.data["user_type"] == "penyedia" })
        #expect(events[0].data["reason"] == "email-mismatch" && events[2].data["by"] == "link")
        #expect(Set(requests.compactMap { $0.headers["webhook-id"] }).count == 3)
        let token = try #require(path.split(separator: "/").last)
        for request in requests {
            for secret in [
                Installation.secret, Installation.password, Installation.budi.email, "else@example.org", String(token),
                Scene.secret,
            ] {
                #expect(!request.body.contains(secret) && !request.headers.values.contains { $0.contains(secret) })
            }
        }
        try Eventually.holds("all are delivered") {
            try scene.jobs().map(\.outcome) == ["delivered", "delivered", "delivered"]
        }
        #expect(!service.transcript.contains(String(Scene.secret.dropFirst(6))))
        try service.stop(timeout: .seconds(20))
    }

    /// A receiver at fault, and what `pulih webhook test` must say of it.
    struct Fault: Sendable {
        let signs: [String]
        var answer = ScriptedServer.Answer()
        var names = ["localhost", "127.0.0.1"]
        var exit: Int32 = 1
    }

    @Test(
        "pulih webhook test tells each answer, and each fault with its cure",
        arguments: [
            Fault(signs: ["The application took the event: ", "answered HTTP 200"], exit: 0),
            Fault(
                signs: ["The application took the event: "], answer: .init(String(repeating: "x", count: 3_000_000)),
                exit: 0),
            Fault(
                signs: ["answered HTTP 307 and sends elsewhere (https://x.example/); redirects are not followed"],
                answer: .init(status: 307, headers: ["Location": "https://x.example/"])),
            Fault(signs: ["answered HTTP 500: disk full"], answer: .init(status: 500, "disk full")),
            Fault(signs: ["Not delivered", "answered HTTP 410: it wants no more events"], answer: .init(status: 410)),
            Fault(
                signs: ["has a certificate that cannot be trusted", "name it as webhook.caFile"],
                names: ["receiver.example.org"]),
        ])
    func testCommand(fault: Fault) throws {
        let receiver = try ScriptedServer(TestCertificate(for: fault.names), [fault.answer])
        let scene = try Scene(("e-katalog", receiver.url, receiver.authorityFile))
        let worker = try scene.installation.start("worker")
        let test = try scene.installation.run("webhook", "test", "e-katalog", "--wait", "3")
        #expect(test.exit == .code(fault.exit), "\(test.output)")
        for sign in fault.signs { #expect(test.output.contains(sign), "\(sign)\n\(test.output)") }
        for request in receiver.requests { #expect(try event(request).type == "pulih.test") }
        #expect(receiver.requests.isEmpty == (fault.names[0] != "localhost"))
        try worker.stop(timeout: .seconds(20))
    }

    @Test("One that hangs delays neither mail nor another, nor the end of the worker for long")
    func hanging() throws {
        let (dead, well) = (
            try ScriptedServer(TestCertificate(), [.init(isHeld: true)]),
            try ScriptedServer(TestCertificate(), [.init()])
        )
        let scene = try Scene(
            ("dead", dead.url, dead.authorityFile), ("well", well.url, well.authorityFile),
            settings: "worker: { lanes: 1 },")
        let installation = scene.installation
        let worker = try installation.start("worker")
        for change in ["deactivate", "activate", "deactivate"] { try installation.succeed("user", change, "budi") }
        try dead.waitForRequests(1)
        #expect(try well.waitForRequests(3).count == 3)
        try installation.succeed("mail", "test", "--to", "x@example.org", "--wait", "10")
        try installation.succeed("webhook", "test", "well", "--wait", "10")
        #expect(dead.requests.count == 1)
        #expect(try worker.stop(timeout: .seconds(15)) == .code(0))
    }

    @Test("A worker that is killed while it delivers: the event comes again, with the same id and body")
    func killed() throws {
        let receiver = try ScriptedServer(TestCertificate(), [.init(isHeld: true), .init()])
        let scene = try Scene(
            ("e-katalog", receiver.url, receiver.authorityFile), settings: "worker: { lease: \"5 s\" },")
        let installation = scene.installation
        let first = try installation.start("worker")
        try installation.succeed("user", "reset-totp", "budi", "--reason", "lost")
        try receiver.waitForRequests(1)
        first.signal(SIGKILL)
        try first.waitForExit()
        let second = try installation.start("worker")
        let requests = try receiver.waitForRequests(2, timeout: .seconds(60))
        #expect(requests[0].body == requests[1].body && requests[0].body.contains("totp.reset"))
        #expect(requests[0].headers["webhook-id"] == requests[1].headers["webhook-id"])
        let times = requests.compactMap { $0.headers["webhook-timestamp"].flatMap(Int.init) }
        #expect(times.count == 2 && times[0] < times[1], "each attempt is signed with its own time")
        try Eventually.holds("it is delivered") { try scene.jobs().map(\.outcome) == ["delivered"] }
        try second.stop(timeout: .seconds(20))
    }

    @Test("After 410 nothing is sent; list and status say so, and retry sends what was given up")
    func retry() throws {
        let receiver = try ScriptedServer(TestCertificate(), [.init(status: 410)])
        let scene = try Scene(("e-katalog", receiver.url, receiver.authorityFile))
        let installation = scene.installation
        let worker = try installation.start("worker")
        #expect(try installation.run("webhook", "test", "e-katalog").exit == .code(1))
        let list = try installation.succeed("webhook", "list").split(whereSeparator: \.isWhitespace).joined(
            separator: " ")
        #expect(
            list.contains("off since") && list.contains("it wants no more events") && list.contains("given up"),
            "\(list)")
        let status = try installation.succeed("queue", "status").split(whereSeparator: \.isWhitespace)
            .joined(separator: " ")
        #expect(status.contains("All mail is out") && status.contains("e-katalog is told nothing since"), "\(status)")
        #expect(try installation.run("webhook", "test", "e-katalog").error.contains("is switched off since"))
        try installation.succeed("user", "reset-totp", "budi", "--reason", "lost")
        #expect(try scene.jobs().count == 1, "nothing is queued while it is off")
        try receiver.give([.init()])
        let retried = try installation.succeed("webhook", "retry", "e-katalog", "--why", "mended")
        #expect(retried.contains("switched on again") && retried.contains("1 event is sent again"), "\(retried)")
        try receiver.waitForRequests(2)
        let audit = try installation.succeed("audit", "list", "--subject", "webhook:e-katalog")
        #expect(
            audit.contains("webhook_switched_off") && audit.contains("webhook_switched_on") && audit.contains("mended"))
        struct Receiver: Decodable {
            let application: String
            let offSince: Int64?
            let waiting: Int
        }
        try Eventually.holds("it is told again") {
            let receivers = try JSONDecoder().decode(
                [Receiver].self, from: Data(try installation.succeed("webhook", "list", "--json").utf8))
            return receivers.map(\.application) == ["e-katalog"] && receivers[0].offSince == nil
                && receivers[0].waiting == 0
        }
        let unknown = try installation.run("webhook", "retry", "e-katalok")
        #expect(unknown.exit == .code(1) && unknown.error.contains("Did you mean e-katalog?"))
        try worker.stop(timeout: .seconds(20))
    }

    @Test("During a rotation each event has two signatures; those who verify as the documents say accept either")
    func rotation() throws {
        let receiver = try ScriptedServer(TestCertificate(), [.init()])
        let scene = try Scene(("e-katalog", receiver.url, receiver.authorityFile))
        let installation = scene.installation
        let worker = try installation.start("worker")
        try installation.succeed("webhook", "test", "e-katalog")
        let new = "whsec_\(Data((1...32).map { $0 }).base64EncodedString())"
        try scene.setSecrets(Scene.secret, new)
        let last = try #require(worker.lines.last)
        worker.signal(SIGHUP)
        try worker.waitForLine(after: last, timeout: .seconds(20)) { $0.contains("event=reload.done") }
        try installation.succeed("webhook", "test", "e-katalog")
        let requests = receiver.requests
        #expect(requests.map { $0.headers["webhook-signature"]?.split(separator: " ").count } == [1, 2])
        for verifier in try SignatureVerifier.all {
            #expect(try verifier.accepts(requests[0], Scene.secret), "\(verifier.name)")
            #expect(try !verifier.accepts(requests[0], new), "\(verifier.name)")
            for secret in [Scene.secret, new] {
                #expect(try verifier.accepts(requests[1], secret), "\(verifier.name)")
                #expect(try !verifier.accepts(requests[1], secret, body: requests[1].body + " "), "\(verifier.name)")
            }
            #expect(try !verifier.accepts(requests[1], new, time: "1614265330"), "\(verifier.name)")
        }
        try worker.stop(timeout: .seconds(20))
    }

    @Test("A secret that is none keeps the service from starting, with file and cure; check says so too")
    func badSecret() throws {
        let receiver = try ScriptedServer(nil, [.init()])
        let scene = try Scene(("e-katalog", receiver.url, ""))
        try scene.setSecrets("not-a-secret")
        let check = try scene.installation.run("check")
        #expect(check.exit == .code(1) && check.output.contains("FAULT webhook of e-katalog: "), "\(check.output)")
        #expect(check.output.contains("app.secret must hold one line") && check.output.contains("openssl rand"))
        #expect(!check.output.contains("not-a-secret"))
        let worker = try scene.installation.run("worker")
        #expect(worker.exit == .code(1) && worker.error.contains("app.secret must hold one line"), "\(worker.error)")
    }
}
