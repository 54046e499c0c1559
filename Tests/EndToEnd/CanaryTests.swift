import Cryptography
import Foundation
import Glibc
import Support
import Testing

/// Every secret there is, really used, and then looked for everywhere.
@Suite
struct CanaryTests {
    private static let token = "operations-token-9d27"
    private static let webhookSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

    @Test(
        "No secret that was used is in a log, the database, a backup, metrics, pages or what commands print",
        arguments: TestEngine.allCases, ["logfmt", "json"])
    func everywhere(_ engine: TestEngine, _ format: String) throws {
        let api = try FreePort()
        let receiver = try ScriptedServer(TestCertificate(), [.init(status: 204)])
        // A server that logs as it does by default, and nothing of others.
        let server = try engine == .postgreSQL ? PostgreSQLPeer(settings: []) : nil
        let installation = try Installation(
            settings: """
                log: { level: "debug", format: "\(format)" }, api: { listen: "127.0.0.1:\(api.number)" },
                applications: [{
                    id: "e-katalog",
                    webhook: { url: "\(receiver.url)", caFile: "\(receiver.authorityFile)", secretFile: "app.secret" },
                }],
                """, on: engine, of: server)
        let folder = installation.folder
        try folder.write(Self.webhookSecret + "\n", to: "app.secret")
        try folder.write(Self.token + "\n", to: "operations.token")
        let operationsPort = installation.operations.number
        try folder.write(
            try folder.read("pulih.json5").replacingOccurrences(
                of: "\"127.0.0.1:\(operationsPort)\" }",
                with: "\"127.0.0.1:\(operationsPort)\", tokenFile: \"operations.token\" }"), to: "pulih.json5")
        let command = [try Binary.path(named: "pulih"), "serve", "--config", installation.configuration]
        let service = try Subprocess(command[0], Array(command.dropFirst()))
        try service.waitForLine(timeout: .seconds(20)) { $0.contains("service.started") }

        var canaries = [
            Canary("password", Installation.password), Canary("TOTP secret", Installation.secret),
            Canary("TOTP secret, raw", bytes: try #require(Base32.decode(Installation.secret))),
            Canary("relay password", Installation.relayPassword), Canary("operations token", Self.token),
            Canary("mistyped password", "salah-ketik-3f9c"), Canary("mistyped code", "000000", isDigits: true),
        ]
        for key in ["link", "captcha", "form", "seal"] {
            let text = try installation.key(key)
            canaries += [
                Canary("\(key) key", text), Canary("\(key) key, raw", bytes: try #require(Base64URL.decode(text))),
            ]
        }
        canaries += try logIn(installation)
        canaries += try callAsApplication(installation, api)
        canaries += try reset(installation)
        try receiver.waitForRequests(3)
        _ = try installation.waitForJob("reset-notice", in: "done", of: service)

        var places: [(String, Data)] = []
        let client = HTTPClient(port: operationsPort)
        let bearer = [("Authorization", "Bearer \(Self.token)")]
        let ids = try installation.jobs().map { "\($0.id)" }
        let pages =
            ["/", "/jobs", "/metrics", "/healthz", "/readyz", "/api/v1/jobs"]
            + ids.flatMap { ["/jobs/\($0)", "/api/v1/jobs/\($0)"] }
        for page in pages {
            let answer = try client.get(page, headers: bearer)
            places.append((page, Data((answer.text + "\(answer.headers)").utf8)))
        }
        let commands =
            [
                ["queue", "status", "--json"], ["queue", "list", "--json"], ["queue", "list"],
                ["user", "list", "--json"],
                ["application", "list", "--json"], ["application", "list"], ["webhook", "list", "--json"],
                ["user", "show", "citra", "--json"], ["user", "show", "budi"], ["policy", "show"],
                ["keys", "show", "--json"], ["keys", "show"], ["check", "--json"],
            ] + ids.flatMap { [["queue", "show", $0], ["queue", "show", $0, "--json"]] }
        let backup = server == nil ? [["backup", folder.file("copy.db"), "--json"]] : []
        for arguments in commands + backup {
            let finished = try Subprocess.run(
                try Binary.path(named: "pulih"), arguments + ["--config", installation.configuration])
            #expect(finished.exit == .code(0), "\(arguments): \(finished.error)")
            places.append((arguments.joined(separator: " "), Data((finished.output + finished.error).utf8)))
        }
        let live = try installation.execute("SELECT count(*) FROM job WHERE state = 'done' AND payload IS NOT NULL")
        #expect(live.trimmed == "0")
        if let server {
            canaries += try failStatements(installation, server)
            places += try stored(by: server, installation, canaries)
        } else {
            for file in ["pulih.db", "pulih.db-wal", "pulih.db.lock", "copy.db"] {
                places.append((file, try Data(contentsOf: URL(fileURLWithPath: folder.file(file)))))
            }
        }
        try service.stop(timeout: .seconds(20))
        let log = service.lines.map(\.text).joined(separator: "\n")
        #expect(log.contains("mail") && log.split(separator: "\n").count > 8)
        places.append(("the log", Data(log.utf8)))

        for canary in canaries {
            for (place, data) in places {
                // A live job holds what was typed until it is done, and the log and files of the database until they are
                // written anew: a security code that is spent by then. Nothing else is excused.
                if canary.name == "captcha answer", ["pulih.db-wal", "the server's files"].contains(place) { continue }
                #expect(!canary.isIn(data), "\(canary.name) is in \(place)")
            }
        }
        try expectReadable(log, format)
    }

    /// Citra activates TOTP, logs in with code and recovery code, and mistypes once each.
    private func logIn(_ installation: Installation) throws -> [Canary] {
        let citra = Installation.citra
        let first = LoginClient(installation.portal)
        try first.enter(citra, password: "salah-ketik-3f9c")
        try first.enter(citra)
        try first.submit("/totp/enable", [:])
        let scan = try first.client.get("/totp/enable").text
        let key = try #require(scan.firstMatch(of: /secret=([A-Z2-7]+)/).map { String($0.output.1) })
        let person = LoginClient(installation.portal)
        try person.enter(citra)
        try person.submit("/login/code", ["code": "000000"])
        var phone = AuthenticatorApp(secret: key)
        let code = try phone.code()
        #expect(try person.isLetIn(by: code))
        let session = try #require(person.client.cookies["__Host-pulih"])
        let page = try person.submit("/recovery-codes", [:]).text
        let recovery = try #require(page.firstMatch(of: /<code[^>]*>([^<]+)<\/code>/).map { String($0.output.1) })
        let elsewhere = LoginClient(installation.portal)
        try elsewhere.enter(citra)
        #expect(LoginClient.isLetIn(try elsewhere.submit("/login/code", ["recovery_code": recovery])))
        return [
            Canary("new TOTP secret", key), Canary("new TOTP secret, raw", bytes: try #require(Base32.decode(key))),
            Canary("code", code, isDigits: true), Canary("session cookie", session),
            Canary("recovery code", recovery),
            Canary("recovery code, bare", recovery.replacingOccurrences(of: "-", with: "")),
        ]
    }

    /// An application brings Tuti, gives her a secret and recovery codes, and checks a code of each; each answer is kept
    /// for a day, to be given again.
    private func callAsApplication(_ installation: Installation, _ port: FreePort) throws -> [Canary] {
        let key = try installation.succeed("application", "add-key", "e-katalog").trimmed
        let client = HTTPClient(port: port.number)
        func call(_ path: String, _ body: String = "") throws -> JSON {
            let answer = try client.post(
                "/v1/users/tuti\(path)", type: "application/json", body: Array(body.utf8),
                headers: [("Authorization", "Bearer \(key)"), ("Idempotency-Key", "canary\(path)")])
            #expect(answer.status < 300, "\(answer.text)")
            return try JSON(parsing: answer.body)
        }
        try installation.succeed("user", "add", "tuti", "--email", "tuti@example.org", "--type", "penyedia")
        let secret = try #require(try call("/enrollment")["secret"].string)
        let code = try Oathtool.code(secretBase32: secret, at: Date())
        #expect(try call("/verify", #"{"code":"\#(code)"}"#)["result"] == "accepted")
        let recovery = try #require(try call("/recovery-codes")["codes"].array?.first?.string)
        #expect(try call("/recovery-codes/verify", #"{"code":"\#(recovery)"}"#)["result"] == "accepted")
        let whole = Self.webhookSecret.dropFirst("whsec_".count)
        return [
            Canary("application key", key), Canary("application key, its secret", String(key.suffix(43))),
            Canary("webhook secret", String(whole)), Canary("enrolled secret", secret),
            Canary("enrolled secret, raw", bytes: try #require(Base32.decode(secret))),
            Canary("checked code", code, isDigits: true), Canary("spent recovery code", recovery),
        ]
    }

    /// Budi loses his phone, and uses the link.
    private func reset(_ installation: Installation) throws -> [Canary] {
        let client = HTTPClient(port: installation.portal.number)
        let form = try FormPage(try client.get("/reset"))
        let answer = try installation.code(ofCaptcha: form.captcha)
        let sent = try client.post(
            "/reset",
            form: [
                ("csrf", form.csrf), ("captcha", form.captcha), ("security_code", answer), ("user_id", "budi"),
                ("email", "budi@example.org"), ("user_type", "penyedia"),
            ])
        #expect(sent.status == 303)
        let mail = try installation.resetMail(to: Installation.budi)
        let path = String(try installation.link(in: mail).dropFirst(installation.publicURL.count))
        let confirm = try FormPage(try client.get(path))
        #expect(try client.post(path, form: [("csrf", confirm.csrf)]).status < 400)
        let text = try #require(try mail.parsed().text)
        let line = try #require(text.split(separator: "\n").first { $0.count > 30 && !$0.contains("http") })
        return [
            Canary("captcha answer", answer), Canary("reset token", String(path.dropFirst("/reset/".count))),
            Canary("the token's MAC", String(path.split(separator: ".").last ?? "?")),
            Canary("mail body", String(line)), Canary("form token", form.csrf),
        ]
    }

    /// Each line is an event that a program can read, and nothing else is.
    private func expectReadable(_ log: String, _ format: String) throws {
        let script =
            format == "json"
            ? "import json, sys\nfor line in sys.stdin:\n    event = json.loads(line)\n    assert {'time', 'level', 'event'} <= event.keys(), line"
            : "import re, sys\nfor line in sys.stdin:\n    assert re.fullmatch(r'time=\\S+ level=\\w+ event=[\\w.-]+( [\\w-]+=(\"([^\"\\\\]|\\\\.)*\"|[^\\s\"=]+))*', line.rstrip('\\n')), line"
        let read = try Subprocess.run("python3", ["-c", script], input: log + "\n")
        #expect(read.exit == .code(0), "\(read.error)")
    }

    @Test("One request has one id: in the portal's log, the worker's, the mail and the queue")
    func requestID() throws {
        let installation = try Installation()
        let portal = try Subprocess(
            try Binary.path(named: "pulih"), ["portal", "--config", installation.configuration],
            environment: ["JOURNAL_STREAM": "8:1"])
        let started = try portal.waitForLine(timeout: .seconds(20)) { $0.contains("event=service.started") }
        #expect(started.text.hasPrefix("<6>time="), "journald's priority comes first")
        let worker = try installation.start("worker")
        #expect(try installation.ask(for: Installation.budi).status == 303)
        let mail = try installation.resetMail(to: Installation.budi)
        let id = try #require(try mail.parsed().header("X-Pulih-Request"))
        #expect(id.utf8.count == 16)
        try portal.waitForLine { $0.contains("event=reset.accepted") && $0.contains("request=\(id)") }
        try worker.waitForLine { $0.contains("event=job.settled") && $0.contains("request=\(id)") }
        let job = try #require(try installation.jobs().first)
        #expect(try installation.succeed("queue", "show", "\(job.id)").contains(id))
        #expect(try installation.succeed("queue", "show", "\(job.id)", "--json").contains("\"requestID\" : \"\(id)\""))
        for process in [portal, worker] { try process.stop(timeout: .seconds(20)) }
    }
}
