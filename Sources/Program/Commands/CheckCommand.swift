import Configuration
import CommandLine
import Domain
import FoundationEssentials
import Store
import Threading

/// `pulih check`: configuration, keys, templates, database and, when asked, the relay. All faults together.
enum CheckCommand {
    static let command = Command(
        "check", summary: "Check configuration, keys, templates, database and relay; tell every fault at once",
        options: [
            Commands.config, .init("smtp", nil, "also ask the relay: TLS, login and sender, without sending"),
            Commands.json,
        ]
    ) { invocation in
        let findings = run(invocation.configurationFile, reachesRelay: invocation.has("smtp"))
        if invocation.has("json") {
            try Console.json(findings)
        } else {
            for finding in findings {
                Console.line("\(finding.ok ? "ok   " : "FAULT") \(finding.part): \(finding.told)")
            }
        }
        return findings.allSatisfy(\.ok) ? 0 : 1
    }

    struct CheckResult: Encodable {
        let part: String
        let ok: Bool
        let told: String
    }

    private static func run(_ file: String, reachesRelay: Bool) -> [CheckResult] {
        let configuration: Configuration
        do {
            configuration = try ConfigurationFile.read(file)
        } catch let errors as ConfigurationErrors {
            return errors.entries.map { entry in
                CheckResult(
                    part: "configuration", ok: false,
                    told: "\(file): " + (entry.key.isEmpty ? entry.problem : "\(entry.key): \(entry.problem)"))
            }
        } catch {
            return [CheckResult(part: "configuration", ok: false, told: "\(error)")]
        }
        var findings = [CheckResult(part: "configuration", ok: true, told: file)]
        findings += check("keys", configuration.keysDirectory) {
            _ = try KeyRing(Set(KeyRing.Name.allCases), directory: configuration.keysDirectory)
        }
        let tokenKeys = TokenKeyFile.path(configuration.keysDirectory)
        let hasClients = configuration.applications.contains { $0.application.client != nil }
        if hasClients || FileManager.default.fileExists(atPath: tokenKeys) {
            findings += check("token keys", tokenKeys) { _ = try TokenKeyFile.read(tokenKeys) }
        }
        findings += check("templates", "every page and mail") { _ = try TemplateSet(configuration) }
        findings += check(configuration.database)
        if let file = configuration.operationsTokenFile {
            findings += check("operations token", file) { _ = try SecretFile.text(file) }
        }
        for application in configuration.applications {
            if let file = application.clientSecretFile {
                findings += check("client secret of \(application.application.id)", file) {
                    _ = try ClientSecretFile.read(file)
                }
            }
            guard let file = application.webhookSecretFile else { continue }
            findings += check("webhook of \(application.application.id)", file) { _ = try WebhookSecretFile.read(file) }
        }
        for relay in configuration.relays {
            // Where there are several each is named.
            let name = configuration.relays.count > 1 ? " \(relay.name)" : ""
            if let login = relay.login {
                findings += check(login.part.name + name, login.part.place) {
                    try login.verify()
                    _ = try relay.relay()
                }
            }
            // Without its secrets there is no talking to the relay; the finding above says so.
            if reachesRelay, let address = try? relay.relay() {
                let courier = SMTPCourier(configuration, to: address, stop: StopSignal())
                let delivery = courier.check()
                findings.append(
                    CheckResult(
                        part: "relay\(name)", ok: delivery.outcome == .delivered, told: delivery.explanation))
            }
        }
        return findings
    }

    /// What the server says of itself, then the database itself where nothing keeps it from being opened.
    private static func check(_ place: DatabasePlace) -> [CheckResult] {
        var findings: [EngineFinding] = []
        let opening = check("database", place.name) {
            if case .file(let path) = place {
                let folder = Paths.parent(of: path)
                guard FileManager.default.isWritableFile(atPath: folder) else {
                    throw CommandError("The folder \(folder) is missing or cannot be written.")
                }
            }
            let engine = try place.engine
            findings = engine.inspect(by: SystemClock())
            guard !findings.contains(where: { $0.verdict == .obstacle }) else { return }
            let database = try Database(engine, clock: SystemClock())
            defer { database.close() }
            if let warning = try AmbiguousUserIDs.warning(in: database) { throw CommandError(warning) }
        }
        let told = findings.map {
            CheckResult(part: "database \($0.subject)", ok: $0.verdict == .fine, told: $0.sentence)
        }
        return findings.contains { $0.verdict == .obstacle } ? told : told + opening
    }

    /// One part of the check, one finding a fault.
    private static func check(_ part: String, _ fine: String, _ body: () throws -> Void) -> [CheckResult] {
        do {
            try body()
            return [CheckResult(part: part, ok: true, told: fine)]
        } catch let error as any PresentableError {
            let lines = error.detail.split(separator: "\n").map { $0.drop { $0 == " " } }
            return lines.isEmpty
                ? [CheckResult(part: part, ok: false, told: error.sentence)]
                : lines.map {
                    CheckResult(part: part, ok: false, told: error is CommandError ? error.sentence : String($0))
                }
        } catch {
            return [CheckResult(part: part, ok: false, told: "\(error)")]
        }
    }
}
