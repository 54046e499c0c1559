/// Completion for zsh: a file `_pulih` in its `fpath`, or sourced.
package struct ZshCompletion {
    package let commandSet: CommandSet

    package init(commandSet: CommandSet) { self.commandSet = commandSet }

    private var program: String { commandSet.program }

    package var script: String {
        let tree = CompletionTree(commands: commandSet.commands)
        let forks = tree.forks.map { fork in
            let branches = fork.branches.map { "\($0.word):\($0.summary)".shellQuoted }
            return """
                    \(fork.pattern))
                        next=(
                            \(branches.joined(separator: "\n            "))
                        )
                        _describe command next
                        ;;
                """
        }
        return """
            #compdef \(program)
            # Completion of \(program) for zsh, made by: \(program) completion zsh
            _\(program)() {
                local -a next
                case "${(j: :)words[2,CURRENT - 1]} " in
            \(forks.joined(separator: "\n"))
            \(tree.longestFirst.map(branch).joined(separator: "\n"))
                esac
            }

            if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
                _\(program) "$@"
            else
                compdef _\(program) \(program)
            fi
            """
    }

    /// What is offered after one command.
    private func branch(_ command: Command) -> String {
        let options = command.allOptions.map { option in
            let help = "[\(option.help.escaping("[]"))]"
            guard let placeholder = option.placeholder else { return "--\(option.name)\(help)".shellQuoted }
            let action = action(commandSet.suggestion(for: option) ?? .nothing)
            return "--\(option.name)=\(help):\(placeholder.escaping(":")):\(action)".shellQuoted
        }
        let operands = zip(command.operands.split(separator: " "), commandSet.suggestions(for: command)).enumerated()
            .map {
                "\($0 + 1):\(String($1.0).escaping(":")):\(action($1.1))".shellQuoted
            }
        return """
                \((command.name + " ").shellQuoted)*)
                    shift \(command.words.count) words
                    ((CURRENT -= \(command.words.count)))
                    _arguments \\
                        \((options + operands).joined(separator: " \\\n            "))
                    ;;
            """
    }

    private func action(_ suggestion: Suggestion) -> String {
        switch suggestion {
        case .files: "_files"
        case .folders: "_files -/"
        case .words(let words): "(\(words.joined(separator: " ")))"
        case .nothing: " "
        }
    }
}
