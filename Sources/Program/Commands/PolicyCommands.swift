import Configuration
import CommandLine
import Domain
import Store

/// `pulih policy …`: whether login asks for TOTP codes.
enum PolicyCommands {
    static let show = Command(
        "policy show", summary: "Show what login asks for, now and from when on otherwise",
        options: [Commands.config, Commands.json]
    ) { invocation in
        try invocation.withDatabase { database, configuration in
            let records = try records(database, configuration)
            if invocation.has("json") {
                try Console.json(records)
            } else {
                Console.line(table(records, configuration))
            }
            return 0
        }
    }

    static let set = Command(
        "policy set", operands: "totp on|off", count: 2...2,
        summary: "Ask for TOTP codes at login, or for User ID and password alone (secrets are kept)",
        options: [
            Commands.config, .init("type", "TYPE", "only for this user type (default: all)"),
            .init("from", "DATE", "from then on, announced at login: 2026-12-01 or 2026-12-01T08:00 (default: now)"),
        ]
    ) { invocation in
        guard invocation.operands[0] == "totp" else {
            throw UsageError("\(invocation.operands[0]) is no policy; there is one: totp")
        }
        guard let isOn = ["on": true, "off": false][invocation.operands[1]] else {
            throw UsageError("totp is on or off, not \(invocation.operands[1])")
        }
        return try invocation.withDatabase { database, configuration in
            let type = invocation["type"]
            if let type, !configuration.userTypes.contains(where: { $0.id == type }) {
                let known = configuration.userTypes.map(\.id).joined(separator: ", ")
                throw UsageError("\(type) is not one of the user types: \(known)")
            }
            let now = database.clock.now()
            let from = try invocation["from"].map { try start($0, after: now, configuration) }
            let rule = PolicyRule(scope: type, requiresTOTP: isOn, from: from ?? now, madeAt: now)
            let stamp = LocalTimeFormatter(language: .english, zone: .utc).timestamp(rule.from)
            let actor = "operator:\(ProcessName.user)"
            let cancelled = try database.write { transaction in
                let cancelled = try transaction.cancelUpcomingRules(scope: type, after: now)
                try transaction.addPolicyRule(rule, by: actor)
                try transaction.append(
                    AuditEvent(
                        name: .policyChanged, at: now, actor: actor, subject: type ?? "all user types", address: nil,
                        detail: "totp \(word(isOn)) from \(stamp)"))
                return cancelled
            }
            if cancelled > 0 { Console.line("What was announced before is cancelled.") }
            Console.line(table(try records(database, configuration), configuration))
            return 0
        }
    }

    /// What holds for one user type.
    private struct Record: Encodable {
        struct Coming: Encodable {
            let totp: String
            let from: Int64
        }

        let userType: String
        let totp: String
        let coming: Coming?
    }

    private static func records(_ database: Database, _ configuration: Configuration) throws -> [Record] {
        let now = database.clock.now()
        let policy = Policy(rules: try database.read { try $0.policyRules() })
        return configuration.userTypes.map { type in
            Record(
                userType: type.id, totp: word(policy.requiresTOTP(type.id, at: now)),
                coming: policy.upcoming(for: type.id, after: now).map {
                    Record.Coming(totp: word($0.requiresTOTP), from: $0.from.milliseconds)
                })
        }
    }

    private static func table(_ records: [Record], _ configuration: Configuration) -> String {
        let time = LocalTimeFormatter(language: .english, zone: configuration.timeZone)
        return TextTable.rows(
            ["USER TYPE", "TOTP", "COMING"],
            records.map { record in
                let coming = record.coming.map {
                    "\($0.totp) from \(time.timestamp(Instant(milliseconds: $0.from)))"
                }
                return [record.userType, record.totp, coming ?? "-"]
            })
    }

    private static func word(_ isOn: Bool) -> String { isOn ? "on" : "off" }

    private static func start(_ text: String, after now: Instant, _ configuration: Configuration) throws -> Instant {
        guard let instant = LocalTimeFormatter(language: .english, zone: configuration.timeZone).instant(text) else {
            throw UsageError("--from takes a day such as 2026-12-01, or a minute such as 2026-12-01T08:00, not \(text)")
        }
        guard instant > now else {
            throw UsageError("--from \(text) is over already (times are \(configuration.timeZone.rawValue))")
        }
        return instant
    }
}
