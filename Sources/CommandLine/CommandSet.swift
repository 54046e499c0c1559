import Domain

// CommandLine: arguments, help, completion, man pages, tables, progress, questions at the terminal. It knows no command:
// a program hands its commands in as a `CommandSet`. Begin here.

/// The commands of a program, and what help and completion say of the program itself.
package struct CommandSet: Sendable {
    /// The name that is typed.
    package let program: String
    /// The first line of the overview.
    package let headline: String
    /// In the order in which `--help` lists them.
    package let commands: [Command]
    /// What placeholders in capitals stand for, such as the states of a job for `STATE`. `FILE` and `DIRECTORY` are known.
    package var valueKinds: [String: [String]] { findValueKinds() }
    private let findValueKinds: @Sendable () -> [String: [String]]

    /// - Parameter valueKinds: asked for when they are needed, which few runs do.
    package init(
        program: String, headline: String, commands: [Command],
        valueKinds: @escaping @autoclosure @Sendable () -> [String: [String]]
    ) {
        self.program = program
        self.headline = headline
        self.commands = commands
        findValueKinds = valueKinds
    }

    /// - Parameter arguments: without the program's own name.
    /// - Returns: 0 done, 1 failed, 2 misused.
    package func run(_ arguments: [String]) -> Int32 {
        guard let first = arguments.first, !["--help", "-h", "help"].contains(first) else {
            Console.line(overview)
            return arguments.isEmpty ? 2 : 0
        }
        if first == "--version" { return run(["version"]) }
        guard let command = find(arguments) else {
            let members = families.first { $0[0].0.hasPrefix("\(first) ") }
            guard let members, ["--help", "-h"].contains(arguments.dropFirst().first) else {
                return misused(unknown(arguments))
            }
            Console.line(overview(of: members))
            return 0
        }
        let rest = arguments.dropFirst(command.words.count)
        if rest.contains("--help") || rest.contains("-h") {
            Console.line(command.help(of: program))
            return 0
        }
        do {
            return try command.run(try ArgumentParser.parse(rest, for: command))
        } catch let error as UsageError {
            return misused("\(error.sentence)\nTry: \(program) \(command.name) --help")
        } catch let error as any PresentableError {
            Console.printError("\(program): \(error.sentence)")
            if !error.detail.isEmpty { Console.printError(error.detail) }
            return 1
        } catch {
            Console.printError("\(program): something unexpected went wrong.\n\(error)")
            return 1
        }
    }

    /// The command whose words the arguments start with; the longest wins.
    private func find(_ arguments: [String]) -> Command? {
        commands.filter { arguments.starts(with: $0.words) }.max { $0.words.count < $1.words.count }
    }

    private func misused(_ words: String) -> Int32 {
        Console.printError("\(program): \(words)")
        return 2
    }

    private func unknown(_ arguments: [String]) -> String {
        let family = commands.filter { $0.words.first == arguments[0] }
        guard !family.isEmpty else {
            return "there is no command \(arguments[0])\nTry: \(program) --help"
        }
        return
            "\(arguments[0]) takes one of: \(family.compactMap { $0.words.dropFirst().first }.joined(separator: ", "))"
    }

    /// The commands that begin with the same word.
    private func overview(of family: [(String, String)]) -> String {
        "\(TextTable.definitions(family, column: column))\n\nTry: \(program) \(family[0].0) --help"
    }

    private var overview: String {
        """
        \(headline)

        Usage: \(program) COMMAND [options]

        \(families.map { TextTable.definitions($0, column: column) }.joined(separator: "\n\n"))

        Try: \(program) COMMAND --help
        """
    }

    /// Commands that begin with the same word, such as `queue`; those of one word are together.
    private var families: [[(String, String)]] {
        commands.reduce(into: []) { families, command in
            let row = (command.name, command.summary)
            if let last = families.last?.last?.0, family(of: last) == family(of: command.name) {
                families[families.count - 1].append(row)
            } else {
                families.append([row])
            }
        }
    }

    private func family(of name: String) -> Substring? {
        name.contains(" ") ? name.prefix { $0 != " " } : nil
    }

    private var column: Int { (commands.map(\.name.count).max() ?? 0) + 4 }
}
