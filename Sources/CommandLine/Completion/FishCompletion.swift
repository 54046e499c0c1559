/// Completion for fish.
package struct FishCompletion {
    package let commandSet: CommandSet

    package init(commandSet: CommandSet) { self.commandSet = commandSet }

    private var program: String { commandSet.program }

    package var script: String {
        let tree = CompletionTree(commands: commandSet.commands)
        let forks = tree.forks.flatMap { fork in
            fork.branches.map { branch in
                line("__\(program)_next", fork.words, "-a \(branch.word) -d \(quoted(branch.summary))")
            }
        }
        return """
            # Completion of \(program) for fish, made by: \(program) completion fish
            \(helpers)

            complete -c \(program) -f
            \((forks + tree.commands.flatMap(lines)).joined(separator: "\n"))
            """
    }

    /// What is offered after one command.
    private func lines(_ command: Command) -> [String] {
        let options = command.allOptions.map { option in
            let value = commandSet.suggestion(for: option).map { " -r " + offer($0) } ?? ""
            return line("__\(program)_in", command.words, "-l \(option.name)\(value) -d \(quoted(option.help))")
        }
        let valued = command.options.filter { $0.placeholder != nil }.map { "--\($0.name)" }.joined(separator: " ")
        let operands = commandSet.suggestions(for: command).enumerated().compactMap { position, suggestion -> String? in
            guard suggestion != .nothing else { return nil }
            let condition = "__\(program)_operand \(position) \"\(valued)\""
            return line(condition, command.words, offer(suggestion))
        }
        return options + operands
    }

    private func line(_ condition: String, _ words: [String], _ offer: String) -> String {
        "complete -c \(program) -n \(quoted(([condition] + words).joined(separator: " "))) \(offer)"
    }

    private func offer(_ suggestion: Suggestion) -> String {
        switch suggestion {
        case .files: "-F"
        case .folders: "-f -a '(__fish_complete_directories)'"
        case .words(let words): "-f -a \(quoted(words.joined(separator: " ")))"
        case .nothing: "-f"
        }
    }

    private func quoted(_ text: String) -> String { "'\(text.escaping("'"))'" }

    private var helpers: String {
        #"""
        # Whether exactly these words have been typed.
        function __\#(program)_next
            set -l typed (commandline -opc)
            test "$typed[2..]" = "$argv"
        end

        # Whether the command line starts with these words.
        function __\#(program)_in
            set -l typed (commandline -opc)
            string match -q -- "$argv *" "$typed[2..] "
        end

        # Whether the operand with this number is being typed.
        # Arguments: the number, the command's options with a value, its words.
        function __\#(program)_operand
            __\#(program)_in $argv[3..]; or return 1
            set -l typed (commandline -opc)
            set -l position 0
            set -l is_value no
            for word in $typed[(count $argv)..]
                if test $is_value = yes
                    set is_value no
                else if contains -- $word (string split ' ' -- $argv[2])
                    set is_value yes
                else if not string match -q -- '-*' $word
                    set position (math $position + 1)
                end
            end
            test $position = $argv[1]
        end
        """#
    }
}
