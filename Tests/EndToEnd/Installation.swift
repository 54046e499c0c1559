import Cryptography
import Domain
import Foundation
import Pictures
import Support
import Testing

/// Pulih as an operator installs it: `pulih init`, a configuration, accounts, and the built program run as processes.
final class Installation: Sendable {
    struct Person: Sendable {
        let userID: String
        let email: String
        let userType: String
        let language: String
    }

    static let budi = Person(userID: "budi", email: "budi@example.org", userType: "penyedia", language: "id")
    static let sari = Person(userID: "sari", email: "sari@example.org", userType: "non-penyedia", language: "en")
    /// Has not activated TOTP yet.
    static let citra = Person(userID: "citra", email: "citra@example.org", userType: "penyedia", language: "id")
    /// Of everyone.
    static let password = "empat kata yang panjang"
    static let secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    static let relayPassword = "relay-password-7f3a"

    let folder: TemporaryFolder
    let portal: FreePort
    let operations: FreePort
    let mail: MailServer
    private let certificate: TestCertificate
    private let database: any EngineFixture

    var configuration: String { folder.file("pulih.json5") }
    var publicURL: String { "http://127.0.0.1:\(portal.number)" }

    /// A relay that insists on STARTTLS and AUTH, two accounts with TOTP on and one without.
    /// - Parameters:
    ///   - password: what Pulih logs in to the relay with.
    ///   - settings: more keys of the configuration, such as `worker: { lanes: 1 },`.
    ///   - engine: what keeps the data.
    ///   - server: a server of its own, for PostgreSQL.
    init(
        password: String = relayPassword, settings: String = "", on engine: TestEngine = .ofInstallations,
        of server: PostgreSQLPeer? = nil
    ) throws {
        folder = try TemporaryFolder()
        database = try server.map { try PostgreSQLFixture(on: $0) } ?? engine.makeFixture(in: folder)
        portal = try FreePort()
        operations = try FreePort()
        certificate = try TestCertificate(for: ["localhost", "127.0.0.1"])
        mail = try MailServer(
            .startTLS(certificate), login: MailServer.Login(user: "pulih", password: Self.relayPassword))
        try Subprocess.output(of: try Binary.path(named: "pulih"), ["init", folder.path])
        try folder.write(password + "\n", to: "relay.password")
        try folder.write(
            """
            {
                publicURL: "\(publicURL)",
                \(database.setting),
                keys: { directory: "keys" },
                http: { listen: "127.0.0.1:\(portal.number)" },
                operations: { listen: "127.0.0.1:\(operations.number)" },
                smtp: {
                    host: "localhost", port: \(mail.port), tls: "starttls", caFile: "\(certificate.authorityFile)",
                    username: "pulih", passwordFile: "relay.password",
                },
                mail: { from: "Pulih <pulih@example.org>", replyTo: "bantuan@example.org" },
                reset: { perAddressPerHour: 1000, perAccountPerHour: 100 },
                \(settings)
            }
            """, to: "pulih.json5")
        let passwordFile = try folder.write(Self.password + "\n", to: "people.password")
        for person in [Self.budi, Self.sari, Self.citra] {
            let uri = "otpauth://totp/Pulih:\(person.userID)?secret=\(Self.secret)&issuer=Pulih"
            let totp = person.userID == Self.citra.userID ? [] : ["--otpauth", uri]
            let arguments = [
                "user", "add", person.userID, "--email", person.email, "--type", person.userType, "--language",
                person.language, "--password-file", passwordFile,
            ]
            try succeed(arguments + totp)
        }
    }

    /// Adds keys to the configuration, such as those that need a port.
    func configure(_ settings: String) throws {
        let text = try folder.read("pulih.json5").trimmed
        try folder.write("\(text.dropLast())\(settings)\n}\n", to: "pulih.json5")
    }

    // MARK: - The database

    /// Runs SQL as a program of others; one line a row, columns divided by bars.
    @discardableResult
    func execute(_ sql: String) throws -> String { try database.execute(sql) }

    /// Where it is on PostgreSQL.
    func databaseURL() throws -> String { try #require(database as? PostgreSQLFixture).url }

    /// A column of bytes as hexadecimal digits, for a query.
    func hex(_ column: String) -> String { database.hex(column) }

    /// The same past what guards the audit log.
    func tamper(_ sql: String) throws { try database.tamper(sql) }

    /// Everything in the database but what workers report of themselves.
    func dump() throws -> String {
        try database.dump(without: nil).split(separator: "\n").filter { !$0.contains("INSERT INTO worker") }
            .filter { !$0.contains("INSERT INTO public.worker") }.joined(separator: "\n")
    }

    // MARK: - Commands

    func run(_ arguments: String..., input: String = "") throws -> Subprocess.Finished {
        try run(arguments, input: input)
    }

    func run(_ arguments: [String], input: String = "") throws -> Subprocess.Finished {
        try Subprocess.run(try Binary.path(named: "pulih"), arguments + ["--config", configuration], input: input)
    }

    @discardableResult
    func succeed(_ arguments: String...) throws -> String { try succeed(arguments) }

    @discardableResult
    private func succeed(_ arguments: [String]) throws -> String {
        let finished = try run(arguments)
        try #require(finished.exit == .code(0), "\(arguments): \(finished.error)")
        return finished.output
    }

    /// Starts `pulih ROLE` and returns when it serves.
    /// - Parameters:
    ///   - configuration: another file than the installation's own.
    ///   - moment: where the program's clock stands still.
    ///   - environment: added to the runner's own.
    func start(
        _ role: String = "serve", configuration: String? = nil, at moment: Date? = nil,
        environment: [String: String] = [:]
    ) throws -> Subprocess {
        let process = try Subprocess(
            try Binary.path(named: "pulih"), [role, "--config", configuration ?? self.configuration],
            environment: environment.merging(moment.map(FakeTime.still) ?? [:]) { $1 })
        try process.waitForLine(timeout: .seconds(20)) { $0.contains("event=service.started") }
        return process
    }

    /// The queue as `pulih queue list --json` tells it, newest first.
    func jobs() throws -> [JobLine] {
        try JSONDecoder().decode([JobLine].self, from: Data(try succeed("queue", "list", "--json").utf8))
    }

    func job(_ id: Int64) throws -> JobLine {
        try JSONDecoder().decode(
            JobLine.self, from: Data(try succeed("queue", "show", "\(id)", "--json").utf8))
    }

    /// Waits until the oldest job of a kind is in a state: the log tells when something changes, the queue what.
    func waitForJob(
        _ kind: String = "reset-request", in state: String, of process: Subprocess, timeout: Duration = .seconds(30)
    ) throws -> JobLine {
        try Eventually.value("a \(kind) job is \(state)\n\(process.transcript)", timeout: timeout) {
            try jobs().last { $0.kind == kind && $0.state == state }
        }
    }

    func totpState(of person: Person) throws -> String {
        struct Record: Decodable { let totp: String }
        let json = try succeed("user", "show", person.userID, "--json")
        return try JSONDecoder().decode(Record.self, from: Data(json.utf8)).totp
    }

    // MARK: - The form

    /// A key as its file's last line ends with it, in base64url.
    func key(_ name: String) throws -> String {
        String(try #require(try folder.read("keys/\(name).key").trimmed.split(separator: " ").last))
    }

    /// What the picture of a captcha shows. The test has the installation's key; whoever has not must look.
    func code(ofCaptcha id: String) throws -> String {
        let bytes = try #require(Base64URL.decode(try key("captcha")))
        let key = try #require(SecretKey(bytes: bytes))
        return try #require(CaptchaService(key: key, alphabet: Captcha.alphabet).challenge(id: id)).code
    }

    /// Fills the form in as a browser without scripts would.
    /// - Parameter proxy: what stands before the portal.
    func ask(
        for person: Person, changing changes: [String: String] = [:], through proxy: FreePort? = nil
    ) throws -> HTTPAnswer {
        let client = HTTPClient(port: (proxy ?? portal).number)
        let form = try FormPage(try client.get("/reset"))
        var fields = [
            "csrf": form.csrf, "captcha": form.captcha, "security_code": try code(ofCaptcha: form.captcha),
            "user_id": person.userID, "email": person.email, "user_type": person.userType,
        ]
        fields.merge(changes) { $1 }
        return try client.post("/reset", form: fields.map { ($0, $1) })
    }

    /// The reset link in a received mail, as the person would click it.
    func link(in message: MailServer.Message) throws -> String {
        let links = try message.parsed().links(in: .text)
        return try #require(links.first { $0.hasPrefix("\(publicURL)/reset/") && !$0.hasSuffix("/cancel") })
    }

    /// Waits for the reset mail to `person`.
    func resetMail(to person: Person, timeout: Duration = .seconds(20)) throws -> MailServer.Message {
        try mail.waitForMessage(timeout: timeout) { message in
            try message.isAccepted && message.recipients == [person.email]
                && message.parsed().subject == "Konfirmasi Permintaan Reset TOTP"
        }
    }
}

/// What `--json` tells of a job.
struct JobLine: Decodable {
    struct Try: Decodable {
        let stage: String
        let verdict: String
        let code: Int?
    }

    let id: Int64
    let kind: String
    let state: String
    let outcome: String?
    let reason: String?
    let attempts: Int
    let unknowns: Int
    let tries: [Try]?
}

/// The hidden fields of a page with a form.
struct FormPage {
    let csrf: String
    let captcha: String

    init(_ answer: HTTPAnswer) throws {
        csrf = try #require(Self.value("csrf", in: answer.text), "no form in\n\(answer.text)")
        captcha = Self.value("captcha", in: answer.text) ?? ""
    }

    private static func value(_ name: String, in html: String) -> String? {
        guard let start = html.range(of: "name=\"\(name)\" value=\"") else { return nil }
        return String(html[start.upperBound...].prefix { $0 != "\"" })
    }
}

extension String {
    var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}
