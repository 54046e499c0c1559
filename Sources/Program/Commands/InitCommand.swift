import Cryptography
import FoundationEssentials

/// `pulih init DIRECTORY`: a configuration to edit and fresh keys.
enum InitCommand {
    static let command = Command(
        "init", operands: "DIRECTORY", count: 1...1, summary: "Write a commented configuration and fresh keys"
    ) { invocation in
        let directory = invocation.operands[0]
        guard let data = DataFolder.find(), let text = TextFile.read("\(data)/config/pulih.json5") else {
            throw CommandFault("The configuration that comes with Pulih was not found beside the program.")
        }
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
}
