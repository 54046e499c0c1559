import Foundation
import Support
import Testing

/// Two real relays over STARTTLS, and what operators see of them.
@Suite
struct SeveralRelayTests {
    private struct Scene {
        let first: MailServer
        let second: MailServer
        let desk: OperatorClient

        init() throws {
            let certificate = try TestCertificate()
            first = try MailServer(.startTLS(certificate))
            second = try MailServer(.startTLS(certificate))
            let authority = certificate.authorityFile
            desk = try OperatorClient(
                relays: """
                    [
                        { host: "localhost", port: \(first.port), caFile: "\(authority)" },
                        { host: "localhost", port: \(second.port), caFile: "\(authority)", name: "spare" },
                    ]
                    """)
        }
    }

    private struct Status: Decodable {
        struct Relay: Decodable {
            let name: String
            let state: String
            let reason: String?
        }
        let situation: String
        let relays: [Relay]
    }

    private struct Shown: Decodable {
        struct Attempt: Decodable {
            let verdict: String
            let relay: String?
        }
        let outcome: String?
        let attempts: Int
        let tries: [Attempt]
    }

    @Test("With the first relay down mail goes by the second at once; when it is back mail goes by it again")
    func fallback() throws {
        let scene = try Scene()
        let desk = scene.desk
        let name = "localhost:\(scene.first.port)"
        #expect(try desk.succeed("check", "--smtp").contains("ok    relay spare: localhost:\(scene.second.port)"))
        try scene.first.stop()
        let check = try desk.run("check", "--smtp")
        #expect(check.exit == .code(1))
        #expect(check.output.contains("FAULT relay \(name): ") && check.output.contains("ok    relay spare: "))

        let worker = try desk.start("serve")
        let sent = try desk.succeed("mail", "test", "--to", "x@example.org")
        #expect(sent.contains("new connection to spare)"), "\(sent)")
        let job = try desk.decoded(Shown.self, "queue", "show", "1")
        #expect(job.tries.map(\.relay) == [name, "spare"])
        #expect(job.tries.map(\.verdict) == ["relay-fault", "delivered"])
        #expect((job.outcome, job.attempts) == ("mailed", 1))
        let status = try desk.decoded(Status.self, "queue", "status")
        #expect(status.situation == "relay-fallback")
        #expect(status.relays.map(\.name) == [name, "spare"])
        #expect(status.relays[1].state == "flowing")
        #expect(status.relays[0].reason?.contains("Connection refused") == true)
        let page = try HTTPClient(port: desk.operationsPort).get("/").text
        #expect(page.contains("relay-spare") && page.contains("Connection refused"))

        try scene.first.start()
        // Without any mail: a connection finds out that it is back, and the next mail goes by it.
        try worker.waitForLine(timeout: .seconds(60)) { $0.contains("event=relay.reachable") }
        for _ in 0..<2 { try desk.succeed("mail", "test", "--to", "x@example.org") }
        #expect(scene.first.messages.count == 2)
        #expect(scene.second.messages.count == 1)
        let end = try Eventually.value("the first takes mail again") {
            let status = try desk.decoded(Status.self, "queue", "status")
            return status.situation == "calm" ? status : nil
        }
        #expect(end.relays.map(\.state) == ["flowing", "flowing"])
        try worker.stop(timeout: .seconds(20))
    }
}
