import Configuration
import CommandLine
import Cryptography
import FoundationEssentials

/// `pulih init DIRECTORY`: a configuration to edit and fresh keys.
enum InitCommand {
    static let command = Command(
        "init", operands: "DIRECTORY", count: 1...1, summary: "Write a commented configuration and fresh keys",
        options: [
            .init("systemd", nil, "for the units that come with Pulih: their sockets, token and database folder")
        ]
    ) { invocation in
        let directory = invocation.operands[0]
        guard var text = ResourceDirectory.configuration() else { throw ResourceDirectory.noConfiguration }
        if invocation.has("systemd") { text = try fitted(text) }
        let file = "\(directory)/pulih.json5"
        guard !FileManager.default.fileExists(atPath: file) else {
            throw CommandError("\(file) exists already; nothing was written.")
        }
        try KeyRing.create(in: "\(directory)/keys", at: SystemClock().now(), random: SystemRandom())
        do {
            try Data(text.utf8).write(to: URL(filePath: file), options: .withoutOverwriting)
        } catch {
            throw CommandError("\(file) cannot be written.", detail: "\(error)")
        }
        Console.line(
            """
            Written: \(file)
                     \(directory)/keys (mode 0600; keep a copy in a safe place)
            Next:    edit \(file), then run: pulih check --config \(file)
            """)
        return 0
    }

    /// What the units expect, in place of what the configuration says by itself.
    private static let forUnits = [
        #"path: "pulih.db""#: #"path: "/var/lib/pulih/pulih.db""#,
        #"listen: "127.0.0.1:8080""#: #"listen: "systemd:portal""#,
        #"listen: "127.0.0.1:8081""#: #"listen: "systemd:operations""#,
        #"// tokenFile: "operations.token""#: #"tokenFile: "operations.token""#,
    ]

    private static func fitted(_ text: String) throws -> String {
        try forUnits.reduce(text) { text, change in
            let parts = text.split(separator: change.key, omittingEmptySubsequences: false)
            guard parts.count == 2 else {
                throw CommandError("The configuration that comes with Pulih does not say \(change.key) just once.")
            }
            return parts.joined(separator: change.value)
        }
    }
}
