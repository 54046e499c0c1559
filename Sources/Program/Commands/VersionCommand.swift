import CommandLine
/// `pulih version`
enum VersionCommand {
    static let command = Command("version", summary: "Tell the version", options: [Commands.json]) { invocation in
        if invocation.has("json") {
            try Console.json(["version": Program.version])
        } else {
            Console.line("pulih \(Program.version)")
        }
        return 0
    }
}
