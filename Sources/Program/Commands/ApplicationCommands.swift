import CommandLine
import Configuration
import Cryptography
import Domain
import Store

/// `pulih application list|add-key|revoke-key`: who may call the API.
enum ApplicationCommands {
    static let list = Command(
        "application list",
        summary: "List the applications of the configuration, how they log in, their keys and receivers of events",
        options: [Commands.config, Commands.json]
    ) { invocation in
        try invocation.withDatabase { database, configuration in
            let keys = try database.read { try $0.applicationKeys(nil) }
            let records = ApplicationRecord.all(configuration.applications.map(\.application), keys)
            if invocation.has("json") {
                try Console.json(records)
            } else {
                let time = LocalTimeFormatter(language: .english, zone: configuration.timeZone)
                Console.line(ApplicationRecord.text(records, time))
            }
            return 0
        }
    }

    static let addKey = Command(
        "application add-key", operands: "APPLICATION", count: 1...1,
        summary: "Make a key for an application and print it, this once; two can be in use at a time",
        options: [
            Commands.config,
            .init("scopes", "LIST", "what it may do: \(scopeNames(ApplicationScope.allCases)) (default: all)"),
        ]
    ) { invocation in
        let scopes = try invocation["scopes"].map(scopes) ?? Set(ApplicationScope.allCases)
        return try invocation.withDatabase { database, configuration in
            let id = invocation.operands[0]
            let known = configuration.applications.map(\.application.id)
            guard known.contains(id) else {
                let list = known.isEmpty ? "it has none" : "it has \(known.joined(separator: ", "))"
                throw CommandError(
                    "There is no application \(id) in \(invocation.configurationFile): \(list). Add it to applications "
                        + "there, and run systemctl reload pulih-portal.")
            }
            let text = ApplicationKeyText(random: SystemRandom())
            let (now, actor) = (database.clock.now(), "operator:\(ProcessName.user)")
            try database.write { transaction in
                let valid = try transaction.applicationKeys(id).filter { $0.revokedAt == nil }
                guard valid.count < ApplicationKey.mostValid else {
                    let ids = valid.map(\.id).joined(separator: " and ")
                    throw CommandError(
                        "\(id) has two keys in use, \(ids). Revoke the one that it uses no longer: pulih application revoke-key."
                    )
                }
                try transaction.insert(
                    ApplicationKey(id: text.id, application: id, scopes: scopes, digest: text.digest, createdAt: now))
                try transaction.append(
                    AuditEvent(
                        name: .applicationKeyMade, at: now, actor: actor, subject: "application:\(id)", address: nil,
                        detail: "key \(text.id) for \(scopeNames(scopes))"))
            }
            Console.printError(
                "Key \(text.id) of \(id), for \(scopeNames(scopes)). It is shown this once and good from now on:")
            Console.line(text.text)
            return 0
        }
    }

    static let revokeKey = Command(
        "application revoke-key", operands: "KEY", count: 1...1,
        summary: "End a key at once, named by its id or by the key itself", options: [Commands.config]
    ) { invocation in
        try invocation.withDatabase { database, _ in
            let named = invocation.operands[0]
            let id = ApplicationKeyText(named)?.id ?? named
            let (now, actor) = (database.clock.now(), "operator:\(ProcessName.user)")
            let key = try database.write { transaction in
                guard let key = try transaction.applicationKey(id: id) else {
                    throw CommandError("There is no key \(id); pulih application list has all of them.")
                }
                guard try transaction.revoke(key: id, at: now) else {
                    throw CommandError("Key \(id) of \(key.application) is revoked already.")
                }
                try transaction.append(
                    AuditEvent(
                        name: .applicationKeyRevoked, at: now, actor: actor, subject: "application:\(key.application)",
                        address: nil, detail: "key \(id)"))
                return key
            }
            Console.line("Key \(id) of \(key.application) is revoked: from now on it opens nothing.")
            return 0
        }
    }

    private static func scopes(_ list: String) throws -> Set<ApplicationScope> {
        let names = list.split { $0 == "," || $0 == " " }.map(String.init)
        let scopes = try names.map { name in
            guard let scope = ApplicationScope(rawValue: name) else {
                throw UsageError("\(name) is no scope; there are \(scopeNames(ApplicationScope.allCases))")
            }
            return scope
        }
        guard !scopes.isEmpty else { throw UsageError("--scopes takes a list such as verify,enroll") }
        return Set(scopes)
    }

    /// In the order in which they are declared.
    fileprivate static func scopeNames(_ scopes: some Collection<ApplicationScope>) -> String {
        ApplicationScope.allCases.filter(scopes.contains).map(\.rawValue).joined(separator: ",")
    }
}

/// An application as commands print it; no secret.
private struct ApplicationRecord: Encodable {
    struct Key: Encodable {
        let id: String
        let scopes: [String]
        let createdAt: Int64
        let revokedAt: Int64?
    }

    let id: String
    let name: String
    /// Without it all.
    let userTypes: [String]?
    let webhook: String?
    /// Of forward auth; empty without.
    let hosts: [String]
    /// Of OpenID Connect; empty without.
    let redirectURIs: [String]
    let hasClientSecret: Bool
    /// `password` or `totp`; without it the policy says.
    let factor: String?
    /// Whether the configuration still has it.
    let isConfigured: Bool
    let keys: [Key]

    /// Those of the configuration, then those that keys are left of.
    static func all(_ applications: [Application], _ keys: [ApplicationKey]) -> [ApplicationRecord] {
        let byApplication = Dictionary(grouping: keys, by: \.application)
        let configured = applications.map { application in
            ApplicationRecord(
                id: application.id, name: application.name, userTypes: application.userTypes?.sorted(),
                webhook: application.webhook?.url, hosts: application.hosts,
                redirectURIs: application.client?.redirectURIs ?? [],
                hasClientSecret: application.client?.isConfidential ?? false, factor: application.factor?.rawValue,
                isConfigured: true,
                keys: (byApplication[application.id] ?? []).map(Self.key))
        }
        let left = Set(byApplication.keys).subtracting(applications.map(\.id)).sorted().map { id in
            ApplicationRecord(
                id: id, name: id, userTypes: nil, webhook: nil, hosts: [], redirectURIs: [], hasClientSecret: false,
                factor: nil, isConfigured: false,
                keys: (byApplication[id] ?? []).map(Self.key))
        }
        return configured + left
    }

    private static func key(_ key: ApplicationKey) -> Key {
        Key(
            id: key.id, scopes: ApplicationScope.allCases.filter(key.scopes.contains).map(\.rawValue),
            createdAt: key.createdAt.milliseconds, revokedAt: key.revokedAt?.milliseconds)
    }

    static func text(_ records: [ApplicationRecord], _ time: LocalTimeFormatter) -> String {
        guard !records.isEmpty else {
            return "There is no application: the configuration has applications: [] for them."
        }
        let applications = TextTable.rows(
            ["APPLICATION", "NAME", "USER TYPES", "EVENTS GO TO"],
            records.map { record in
                [
                    record.id, record.isConfigured ? record.name : "(no longer configured: its keys open nothing)",
                    record.userTypes?.joined(separator: ", ") ?? "all", record.webhook ?? "-",
                ]
            })
        let logins = records.filter { !$0.hosts.isEmpty || !$0.redirectURIs.isEmpty }.map { record in
            [
                record.id, record.factor ?? "as the policy says", record.hosts.joined(separator: " "),
                record.redirectURIs.joined(separator: " "),
                record.redirectURIs.isEmpty ? "-" : record.hasClientSecret ? "yes" : "no",
            ].map { $0.isEmpty ? "-" : $0 }
        }
        let keys = records.flatMap { record in
            record.keys.map { key in
                [
                    key.id, record.id, key.scopes.joined(separator: ","),
                    time.timestamp(Instant(milliseconds: key.createdAt)),
                    key.revokedAt.map { time.timestamp(Instant(milliseconds: $0)) } ?? "-",
                ]
            }
        }
        let tables = [
            logins.isEmpty
                ? nil : TextTable.rows(["LOGINS OF", "FACTOR", "HOSTS", "REDIRECT URIS", "SECRET"], logins),
            keys.isEmpty ? nil : TextTable.rows(["KEY", "APPLICATION", "SCOPES", "MADE", "REVOKED"], keys),
        ]
        return ([applications] + tables.compactMap { $0 }).joined(separator: "\n\n")
    }
}
