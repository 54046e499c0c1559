import Domain
import Foundation
import Support
import Testing

/// The program of schemathesis, where somebody has it: `PULIH_SCHEMATHESIS=/path/schemathesis`.
private let schemathesisProgram = ProcessInfo.processInfo.environment["PULIH_SCHEMATHESIS"]

/// The API for applications, over real sockets and the built program.
@Suite struct ApplicationTests {
    private static func installation(_ port: FreePort) throws -> Installation {
        try Installation(
            settings: """
                api: { listen: "127.0.0.1:\(port.number)" },
                applications: [{ id: "e-katalog", name: "e-Katalog" }, { id: "jurnal" }],
                """)
    }

    private static func addKey(_ installation: Installation, _ more: String...) throws -> String {
        let finished = try installation.run("application", "add-key", "e-katalog")
        try #require(finished.exit == .code(0), "\(finished.error)")
        return finished.output.trimmed
    }

    @Test("Keys: printed once and alone, two at a time, revoked by id or whole; each change is audited", .onSQLite)
    func keys() throws {
        let installation = try Self.installation(try FreePort())
        let made = try installation.run("application", "add-key", "e-katalog", "--scopes", "verify,reset")
        let first = made.output.trimmed
        #expect(first.wholeMatch(of: /pulih_[a-z2-7]{8}_[A-Za-z0-9_-]{43}/) != nil)
        #expect(made.error.contains("for verify,reset. It is shown this once"))
        let second = try Self.addKey(installation)
        let third = try installation.run("application", "add-key", "e-katalog")
        #expect(third.exit == .code(1))
        #expect(third.error.contains("has two keys in use"))
        #expect(try installation.run("application", "add-key", "jurnal").exit == .code(0))

        let unknown = try installation.run("application", "add-key", "e-katalok")
        #expect(unknown.exit == .code(1))
        #expect(unknown.error.contains("it has e-katalog, jurnal"))
        #expect(try installation.run("application", "add-key", "jurnal", "--scopes", "all").exit == .code(2))

        #expect(try installation.succeed("application", "revoke-key", first).contains("is revoked"))
        let again = try installation.run("application", "revoke-key", first)
        #expect(again.exit == .code(1))
        #expect(again.error.contains("revoked already"))
        let id = String(second.split(separator: "_")[1])
        try installation.succeed("application", "revoke-key", id)
        #expect(try installation.run("application", "revoke-key", "nothing").exit == .code(1))

        let list = try installation.succeed("application", "list")
        #expect(list.contains("e-katalog") && list.contains(id) && list.contains("verify,reset"))
        let json = try JSON(parsing: Array(try installation.succeed("application", "list", "--json").utf8))
        let keys = json.array?.first?["keys"].array ?? []
        #expect(keys.count == 2)
        #expect(keys.allSatisfy { $0["revokedAt"].number != nil })
        let events = try installation.succeed("audit", "list")
        #expect(events.components(separatedBy: "application_key_created").count == 4)
        #expect(events.components(separatedBy: "application_key_revoked").count == 3)
        for secret in [first, second] {
            let hidden = String(secret.suffix(43))
            #expect(!list.contains(hidden) && !events.contains(hidden))
            let data = try Data(contentsOf: URL(fileURLWithPath: installation.folder.file("pulih.db")))
            #expect(data.range(of: Data(hidden.utf8)) == nil)
        }
    }

    @Test("The README's lines do what they say")
    func readme() throws {
        let port = try FreePort()
        let installation = try Self.installation(port)
        let service = try installation.start()
        defer { withExtendedLifetime(service) {} }
        let section = try #require(
            try ProjectFile.text("README.md").components(separatedBy: "beside your login in").last)
        let block = try #require(section.components(separatedBy: "```sh\n").dropFirst().first)
        let lines = try #require(block.components(separatedBy: "```").first)
            .replacing("127.0.0.1:8082", with: "127.0.0.1:\(port.number)")
        let binary = try Binary.path(named: "pulih")
        let script = """
            pulih() { '\(binary)' "$@" --config '\(installation.configuration)'; }
            set -euo pipefail
            \(lines.replacing("call() {", with: "call() { echo; "))
            """
        let output = try Subprocess.output(of: "bash", ["-c", script])
        let answers = try output.split(separator: "\n").map { try JSON(parsing: $0.utf8) }
        try #require(answers.count == 5, "\(output)")
        #expect(answers[0]["user_id"] == "ani")
        #expect(answers[1]["qr_svg"].string?.hasPrefix("<svg") == true)
        #expect(answers[2] == ["result": "wrong"])
        #expect(answers[3]["state"] == "queued")
        #expect(answers[4]["totp"] == "none")
    }

    @Test("Of 200 equal codes at once over 200 connections one is accepted, while keys are rotated")
    func parallel() throws {
        let port = try FreePort()
        let installation = try Self.installation(port)
        let service = try installation.start()
        defer { withExtendedLifetime(service) {} }
        let old = try Self.addKey(installation)
        let new = try Self.addKey(installation)
        let code = try Oathtool.code(secretBase32: Installation.secret, at: Date())
        let results = try inParallel(200) { number in
            let client = HTTPClient(port: port.number)
            let key = number.isMultiple(of: 2) ? old : new
            let answer = try client.post(
                "/v1/users/budi/verify", type: "application/json", body: Array(#"{"code":"\#(code)"}"#.utf8),
                headers: [("Authorization", "Bearer \(key)")])
            return try JSON(parsing: answer.body)["result"].string ?? "\(answer.status)"
        }
        #expect(results.filter { $0 == "accepted" }.count == 1)
        #expect(results.filter { $0 == "replayed" }.count == 199, "\(Set(results))")

        try installation.succeed("application", "revoke-key", old)
        let client = HTTPClient(port: port.number)
        func status(_ key: String) throws -> Int {
            try client.get("/v1/users/budi", headers: [("Authorization", "Bearer \(key)")]).status
        }
        #expect(try status(old) == 401)
        #expect(try status(new) == 200)
    }

    @Test("A reset that an application asks for: mail in the language asked for, link, and the state of each step")
    func reset() throws {
        let port = try FreePort()
        let installation = try Self.installation(port)
        let service = try installation.start()
        defer { withExtendedLifetime(service) {} }
        let headers = [("Authorization", "Bearer \(try Self.addKey(installation))")]
        let client = HTTPClient(port: port.number)
        let asked = try client.post(
            "/v1/reset-requests", type: "application/json",
            body: Array(
                #"{"user_id":"BUDI","email":"budi@example.org","user_type":"penyedia","address":"203.0.113.7","language":"en"}"#
                    .utf8), headers: headers)
        #expect(asked.status == 202)
        let path = try #require(asked.header("Location"))
        func state() throws -> String {
            try JSON(parsing: try client.get(path, headers: headers).body)["state"].string ?? ""
        }
        let mail = try installation.mail.waitForMessage { $0.isAccepted && $0.recipients == ["budi@example.org"] }
        let text = try #require(try mail.parsed().text)
        #expect(text.contains("203.0.113.7"))
        #expect(text.contains("minutes") && !text.contains("menit"))
        _ = try Eventually.value("mailed") { try state() == "mailed" ? true : nil }

        let link = try installation.link(in: mail)
        let portal = HTTPClient(port: installation.portal.number)
        let target = String(link.dropFirst(installation.publicURL.utf8.count))
        let page = try FormPage(try portal.get(target))
        _ = try portal.post(target, form: [("csrf", page.csrf)])
        #expect(try state() == "used")
        let user = try JSON(parsing: try client.get("/v1/users/budi", headers: headers).body)
        #expect(user["totp"] == "none")
    }

    @Test("An answer that is given again outlives a rotation of the seal key")
    func rotation() throws {
        let port = try FreePort()
        let installation = try Self.installation(port)
        let service = try installation.start()
        defer { withExtendedLifetime(service) {} }
        let headers = [("Authorization", "Bearer \(try Self.addKey(installation))"), ("Idempotency-Key", "k")]
        let client = HTTPClient(port: port.number)
        func enroll() throws -> HTTPAnswer {
            try client.post("/v1/users/citra/enrollment", type: "application/json", body: [], headers: headers)
        }
        let first = try enroll()
        #expect(first.status == 201)
        try installation.succeed("keys", "rotate", "seal")
        let again = try enroll()
        #expect(again.status == 201)
        #expect(again.header("Idempotency-Replayed") == "true")
        #expect(try JSON(parsing: again.body) == JSON(parsing: first.body))
    }

    @Test(
        "schemathesis finds nothing against the description that is served",
        .enabled(if: schemathesisProgram != nil, "PULIH_SCHEMATHESIS names the program"))
    func schemathesis() throws {
        let port = try FreePort()
        let installation = try Self.installation(port)
        let service = try installation.start()
        defer { withExtendedLifetime(service) {} }
        let key = try Self.addKey(installation)
        let finished = try Subprocess.run(
            try #require(schemathesisProgram),
            [
                "run", "http://127.0.0.1:\(port.number)/v1/openapi.json", "--header", "Authorization: Bearer \(key)",
                "--max-examples", "50", "--seed", "1", "--no-color",
            ], folder: installation.folder.path, timeout: .seconds(300))
        #expect(finished.exit == .code(0), "\(finished.output.suffix(6000))\n\(finished.error.suffix(2000))")
    }
}
