import Cryptography
import FoundationEssentials

/// `pulih init DIRECTORY`: a configuration to edit and fresh keys.
enum InitCommand {
    static let command = Command(
        "init", operands: "DIRECTORY", count: 1...1, summary: "Write a commented configuration and fresh keys",
        options: [.init("database", "FILE", "where the database will be (default: pulih.db beside the configuration)")]
    ) { invocation in
        let directory = invocation.operands[0]
        guard var text = DataFolder.configuration() else { throw DataFolder.noConfiguration }
        if let database = invocation["database"] { text = try naming(database, in: text) }
        let file = "\(directory)/pulih.json5"
        guard !FileManager.default.fileExists(atPath: file) else {
            throw CommandFault("\(file) exists already; nothing was written.")
        }
        try KeyRing.create(in: "\(directory)/keys", at: SystemClock().now(), random: SystemRandom())
        do {
            try Data(text.utf8).write(to: URL(filePath: file), options: .withoutOverwriting)
        } catch {
            throw CommandFault("\(file) cannot be written.", detail: "\(error)")
        }
        Console.line(
            """
            Written: \(file)
                     \(directory)/keys (mode 0600; keep a copy in a safe place)
            Next:    edit \(file), then run: pulih check --config \(file)
            """)
        return 0
    }

    /// The configuration with another database than its own `pulih.db`.
    private static func naming(_ database: String, in text: String) throws -> String {
        guard !database.utf8.contains(where: { $0 < 0x20 || "\"\\".utf8.contains($0) }) else {
            throw UsageFault("--database takes a path without quotes, backslashes and control characters")
        }
        let parts = text.split(separator: "path: \"pulih.db\"", omittingEmptySubsequences: false)
        guard parts.count == 2 else {
            throw CommandFault("The configuration that comes with Pulih names no database that could be changed.")
        }
        return parts.joined(separator: "path: \"\(database)\"")
    }
}
