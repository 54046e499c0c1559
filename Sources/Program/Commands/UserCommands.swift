import Configuration
import CommandLine
import Cryptography
import Domain
import FoundationEssentials
import Store

/// `pulih user …`: who has an account.
enum UserCommands {
    static let add = Command(
        "user add", operands: "USER_ID", count: 1...1, summary: "Make an account",
        options: [
            Commands.config, .init("email", "ADDRESS", "where its mails go"),
            .init("type", "TYPE", "one of the configured userTypes"),
            .init("language", "id|en", "of its mails (default: the configured language)"),
            .init("otpauth", "URI", "otpauth:// address, or Base32 secret, of an authenticator in use already"),
        ] + PasswordEntry.options
    ) { invocation in
        try invocation.withDatabase { database, configuration in
            let password = try PasswordEntry.read(invocation, for: invocation.operands[0])
            let hash = try password.map { try PasswordHasher().hash(Array($0.utf8), random: SystemRandom()) }
            var values = [AccountColumn.userID: invocation.operands[0]]
            values[.email] = try invocation.required("email")
            values[.userType] = try invocation.required("type")
            values[.language] = invocation["language"]
            values[.otpauth] = invocation["otpauth"]
            let row = try AccountRow(values, types: configuration.userTypes, standard: configuration.language)
            let creator = AccountCreator(
                sealer: try KeyRing([.seal], directory: configuration.keysDirectory).sealing, random: SystemRandom())
            try database.write { transaction in
                try creator.create(
                    row.account(passwordHash: hash), authenticator: row.authenticator, in: transaction,
                    at: database.clock.now(), by: "operator:\(ProcessName.user)")
            }
            Console.line("Account \(row.userID) is made.")
            return 0
        }
    }

    static let list = Command(
        "user list", summary: "List accounts",
        options: [
            Commands.config, .init("after", "USER_ID", "only accounts after this one"),
            .init("limit", "COUNT", "at most this many (default 100)"),
            .init("weak-totp", nil, "only accounts whose TOTP secret has less than 128 bits"), Commands.json,
        ]
    ) { invocation in
        let limit = try invocation.integer("limit", in: 1...100_000, default: 100)
        return try invocation.withDatabase { database, _ in
            let (after, isWeak) = (invocation["after"] ?? "", invocation.has("weak-totp"))
            let accounts = try database.read { transaction in
                isWeak
                    ? try transaction.accountsWithWeakSecret(after: after, limit: limit)
                    : try transaction.accounts(after: after, limit: limit)
            }
            if invocation.has("json") {
                try Console.json(accounts.map { AccountRecord($0) })
            } else if accounts.isEmpty {
                Console.line("No accounts.")
            } else {
                Console.line(AccountRecord.table(accounts))
            }
            return 0
        }
    }

    static let show = Command(
        "user show", operands: "USER_ID", count: 1...1, summary: "Show one account",
        options: [Commands.config, Commands.json]
    ) { invocation in
        try invocation.withDatabase { database, configuration in
            let userID = invocation.operands[0]
            let account = try AccountFinder.find(userID, in: database)
            var filter = JobFilter()
            filter.account = account
            filter.outcome = Job.bounced
            let bounced = filter
            let lastBounce = try database.read { try $0.jobs(bounced, limit: 1).first }
            if invocation.has("json") {
                try Console.json(AccountRecord(account, lastBounce: lastBounce))
            } else {
                let time = LocalTimeFormatter(language: configuration.language, zone: configuration.timeZone)
                Console.line(AccountRecord.page(account, lastBounce: lastBounce, time))
            }
            return 0
        }
    }
}
