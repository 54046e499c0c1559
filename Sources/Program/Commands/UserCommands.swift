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
            .init("otpauth", "URI", "otpauth:// address of an authenticator in use already"),
        ] + PasswordEntry.options
    ) { invocation in
        try invocation.withDatabase { database, configuration in
            let password = try PasswordEntry.read(invocation, for: invocation.operands[0])
            let hash = try password.map { try PasswordHasher().hash(Array($0.utf8), random: SystemRandom()) }
            var values = ["user_id": invocation.operands[0]]
            values["email"] = try invocation.required("email")
            values["user_type"] = try invocation.required("type")
            values["language"] = invocation["language"]
            values["otpauth"] = invocation["otpauth"]
            let line = try AccountRow(
                values, types: configuration.userTypes, standard: configuration.language, passwordHash: hash)
            try make([line], database, configuration)
            Console.line("Account \(line.account.userID) is made.")
            return 0
        }
    }

    static let importing = Command(
        "user import", operands: "FILE", count: 1...1,
        summary: "Make accounts from CSV with the columns user_id, email, user_type, language, otpauth, password_hash",
        options: [Commands.config, .init("dry-run", nil, "check every line and change nothing")]
    ) { invocation in
        try invocation.withDatabase { database, configuration in
            let file = invocation.operands[0]
            guard let text = TextFile.read(file) else {
                throw CommandError("\(file) cannot be read, or is not UTF-8.")
            }
            let lines = try AccountImport.read(text, file: file, configuration: configuration) { userID in
                try database.read { try $0.account(userID: userID) != nil }
            }
            guard !invocation.has("dry-run") else {
                Console.line("\(lines.count) accounts could be made. Nothing was changed.")
                return 0
            }
            try make(lines, database, configuration)
            Console.line("\(lines.count) accounts are made.")
            return 0
        }
    }

    static let list = Command(
        "user list", summary: "List accounts",
        options: [
            Commands.config, .init("after", "USER_ID", "only accounts after this one"),
            .init("limit", "COUNT", "at most this many (default 100)"), Commands.json,
        ]
    ) { invocation in
        let limit = try invocation.integer("limit", in: 1...100_000, default: 100)
        return try invocation.withDatabase { database, _ in
            let accounts = try database.read { try $0.accounts(after: invocation["after"] ?? "", limit: limit) }
            if invocation.has("json") {
                try Console.json(accounts.map(AccountRecord.init))
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
            if invocation.has("json") {
                try Console.json(AccountRecord(account))
            } else {
                let time = LocalTime(language: configuration.language, zone: configuration.timeZone)
                Console.line(AccountRecord.page(account, time))
            }
            return 0
        }
    }

    private static func make(_ lines: [AccountRow], _ database: Database, _ configuration: Configuration) throws {
        let creator = AccountCreator(
            sealer: try KeyRing([.seal], directory: configuration.keysDirectory).sealing, random: SystemRandom())
        let (now, actor) = (SystemClock().now(), "operator:\(ProcessName.user)")
        let progress = Progress("Accounts", of: lines.count)
        defer { progress.finish() }
        try database.write { transaction in
            for (number, line) in lines.enumerated() {
                progress.report(number)
                try creator.create(line.account, authenticator: line.authenticator, in: transaction, at: now, by: actor)
            }
        }
    }
}
