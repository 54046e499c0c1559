import Domain
import FoundationEssentials

/// The program: arguments in, exit status out.
package enum Program {
    package static let version = "0.1.0"

    /// - Parameter arguments: without the program's own name.
    /// - Returns: 0 done, 1 failed, 2 misused.
    package static func run(_ arguments: [String]) -> Int32 {
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
            Console.line(command.help)
            return 0
        }
        do {
            return try command.run(try ArgumentParser.parse(rest, for: command))
        } catch let error as UsageError {
            return misused("\(error.sentence)\nTry: pulih \(command.name) --help")
        } catch let error as any PresentableError {
            Console.printError("pulih: \(error.sentence)")
            if !error.detail.isEmpty { Console.printError(error.detail) }
            return 1
        } catch {
            Console.printError("pulih: something unexpected went wrong.\n\(error)")
            return 1
        }
    }

    /// The command whose words the arguments start with; the longest wins.
    private static func find(_ arguments: [String]) -> Command? {
        Commands.all.filter { arguments.starts(with: $0.words) }.max { $0.words.count < $1.words.count }
    }

    private static func misused(_ words: String) -> Int32 {
        Console.printError("pulih: \(words)")
        return 2
    }

    private static func unknown(_ arguments: [String]) -> String {
        let family = Commands.all.filter { $0.words.first == arguments[0] }
        guard !family.isEmpty else {
            return "there is no command \(arguments[0])\nTry: pulih --help"
        }
        return
            "\(arguments[0]) takes one of: \(family.compactMap { $0.words.dropFirst().first }.joined(separator: ", "))"
    }

    /// The commands that begin with the same word.
    private static func overview(of family: [(String, String)]) -> String {
        "\(TextTable.definitions(family, column: column))\n\nTry: pulih \(family[0].0) --help"
    }

    private static var overview: String {
        """
        Pulih \(version): a second factor at login, and a way back for those who lost theirs.

        Usage: pulih COMMAND [options]

        \(families.map { TextTable.definitions($0, column: column) }.joined(separator: "\n\n"))

        Try: pulih COMMAND --help
        """
    }

    /// Commands that begin with the same word, such as `queue`; those of one word stand together.
    private static var families: [[(String, String)]] {
        Commands.all.reduce(into: []) { families, command in
            let row = (command.name, command.summary)
            if let last = families.last?.last?.0, family(of: last) == family(of: command.name) {
                families[families.count - 1].append(row)
            } else {
                families.append([row])
            }
        }
    }

    private static func family(of name: String) -> Substring? {
        name.contains(" ") ? name.prefix { $0 != " " } : nil
    }

    private static var column: Int { (Commands.all.map(\.name.count).max() ?? 0) + 4 }
}
