import CommandLine
import Configuration
import Domain
import FoundationEssentials

/// `pulih user import`: accounts from a table that a spreadsheet or another system wrote.
enum UserImportCommand {
    static let command = Command(
        "user import", operands: "FILE", count: 1...1,
        summary: "Make accounts from CSV with the columns user_id, email, user_type, language, otpauth, totp_secret, "
            + "password_hash",
        options: [
            Commands.config, .init("dry-run", nil, "check every line and change nothing"),
            .init("encoding", "NAME", "such as windows-1252 (default: UTF-8 or UTF-16, found out)"),
            .init("strict", nil, "refuse columns that mean nothing here"),
            .init("skip-bad", nil, "import the good lines although there are bad ones"),
            .init("rejects", "FILE", "write the bad lines with their reasons to a new file"),
        ]
    ) { invocation in
        try invocation.withDatabase { database, configuration in
            let name = invocation.operands[0]
            guard let data = FileManager.default.contents(atPath: name) else {
                throw CommandError("\(name) cannot be read.")
            }
            var file = try AccountFile(
                Array(data), name: name, encoding: invocation["encoding"], isStrict: invocation.has("strict"),
                types: configuration.userTypes, language: configuration.language)
            let importing = AccountImport(database: database, configuration: configuration)
            let alreadyThere = try importing.compare(&file)
            if !file.unknownColumns.isEmpty {
                Console.printError("Passed over: \(columns(file.unknownColumns)).")
            }
            if !file.badLines.isEmpty, let rejects = invocation["rejects"] { try RejectFile.write(rejects, file) }
            let isRefused = !file.badLines.isEmpty && !invocation.has("skip-bad")
            report(file, name: name, isRefused: isRefused, rejects: invocation["rejects"])
            if isRefused { return 1 }
            let there =
                alreadyThere > 0 ? " \(alreadyThere) more \(alreadyThere == 1 ? "was" : "were") there already." : ""
            guard !invocation.has("dry-run") else {
                Console.line(
                    "\(CountText.of(file.rows.count, "account", "accounts")) could be made. Nothing was changed.\(there)"
                )
                return 0
            }
            let result = try importing.create(file.rows)
            Console.line("\(CountText.of(result.created, "account is", "accounts are")) made.\(there)")
            if result.weakSecrets > 0 {
                Console.line(
                    "\(CountText.of(result.weakSecrets, "of them has", "of them have")) a weak TOTP secret; their owners are "
                        + "asked to activate anew. See: pulih user list --weak-totp")
            }
            return 0
        }
    }

    private static func columns(_ names: [String]) -> String {
        "\(names.count == 1 ? "column" : "columns") \(names.joined(separator: ", "))"
    }

    /// Every bad line with everything that is wrong with it.
    private static func report(_ file: AccountFile, name: String, isRefused: Bool, rejects: String?) {
        guard !file.badLines.isEmpty else { return }
        let ending = isRefused ? "Nothing was changed" : "They are passed over"
        Console.printError("\(name) has \(CountText.of(file.badLines.count, "bad line", "bad lines")). \(ending).")
        for bad in file.badLines {
            Console.printError("  line \(bad.line): \(bad.problems.joined(separator: "; "))")
        }
        if let rejects { Console.printError("They are in \(rejects), each with its reason.") }
    }
}
