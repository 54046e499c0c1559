import CommandLine
/// `pulih manual`: the man pages.
enum ManualCommand {
    static let command = Command(
        "manual", operands: "[PAGE]", count: 0...1,
        summary: "List the man pages, or print one, to be read with: pulih manual PAGE | man -l -"
    ) { invocation in
        guard let name = invocation.operands.first else {
            Console.line(list)
            return 0
        }
        guard let manual = Manuals.all.first(where: { $0.name == name }) else {
            let names = Manuals.all.map(\.name).joined(separator: ", ")
            throw UsageError("there is no page \(name); there are: \(names)")
        }
        Console.line(try manual.roff())
        return 0
    }

    /// A page a line, as apropos(1) lists them.
    private static var list: String {
        let width = Manuals.all.map(\.name.count).max() ?? 0
        return Manuals.all.map { manual in
            let space = String(repeating: " ", count: width - manual.name.count)
            return "\(manual.name) (\(manual.section))\(space) - \(manual.purpose)"
        }.joined(separator: "\n")
    }
}
