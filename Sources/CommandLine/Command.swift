/// One command of the program: what it is called, what it accepts, what it does.
package struct Command: Sendable {
    package struct Option: Sendable {
        package let name: String
        /// What the value stands for; nil for an option that takes none.
        package let placeholder: String?
        package let help: String

        package init(_ name: String, _ placeholder: String? = nil, _ help: String) {
            self.name = name
            self.placeholder = placeholder
            self.help = help
        }
    }

    /// The words that name it: `["queue", "list"]`.
    package let words: [String]
    /// How its operands are written in the usage line, such as `ID`; empty when there are none.
    package let operands: String
    package let operandCount: ClosedRange<Int>
    package let summary: String
    package let options: [Option]
    /// Answers the exit status.
    package let run: @Sendable (Invocation) throws -> Int32

    package init(
        _ words: String, operands: String = "", count: ClosedRange<Int> = 0...0, summary: String,
        options: [Option] = [], run: @escaping @Sendable (Invocation) throws -> Int32
    ) {
        self.words = words.split(separator: " ").map(String.init)
        self.operands = operands
        self.operandCount = count
        self.summary = summary
        self.options = options
        self.run = run
    }

    package var name: String { words.joined(separator: " ") }

    /// Every option that the command understands.
    package var allOptions: [Option] { options + [Option("help", nil, "show this")] }

    /// What `--help` prints.
    /// - Parameter program: the program's name.
    package func help(of program: String) -> String {
        let usage = (["Usage: \(program)", name, operands, options.isEmpty ? "" : "[options]"])
            .filter { !$0.isEmpty }.joined(separator: " ")
        let rows = allOptions.map { option in
            ("--\(option.name)" + (option.placeholder.map { " \($0)" } ?? ""), option.help)
        }
        return "\(summary)\n\n\(usage)\n\n" + TextTable.definitions(rows)
    }
}

/// One call of a command.
package struct Invocation: Sendable {
    package let operands: [String]
    package let values: [String: String]
    package let flags: Set<String>

    package func has(_ flag: String) -> Bool { flags.contains(flag) }

    package subscript(_ option: String) -> String? { values[option] }

    package func required(_ option: String) throws -> String {
        guard let value = values[option] else { throw UsageError("--\(option) is missing") }
        return value
    }

    /// A whole number within a range.
    package func integer(_ option: String, in range: ClosedRange<Int>, default standard: Int) throws -> Int {
        guard let text = values[option] else { return standard }
        guard let number = Int(text), range.contains(number) else {
            throw UsageError("--\(option) takes a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }
}
