/// Completion for bash, without help from the package bash-completion.
package struct BashCompletion {
    package let commandSet: CommandSet

    package init(commandSet: CommandSet) { self.commandSet = commandSet }

    private var program: String { commandSet.program }

    package var script: String {
        let tree = CompletionTree(commands: commandSet.commands)
        let forks = tree.forks.map { fork in
            let words = fork.branches.map(\.word).joined(separator: " ")
            return "    \(fork.pattern)) _\(program)_offer \("words \(words)".shellQuoted) ;;"
        }
        return """
            # Completion of \(program) for bash, made by: \(program) completion bash
            \(helpers)

            _\(program)() {
                local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
                COMPREPLY=()
                # Bash parts --name=value into three words.
                if [[ $current == "=" ]]; then
                    current=
                elif [[ $previous == "=" ]]; then
                    previous=${COMP_WORDS[COMP_CWORD - 2]}
                fi
                case "${COMP_WORDS[*]:1:COMP_CWORD - 1} " in
            \(forks.joined(separator: "\n"))
            \(tree.longestFirst.map(branch).joined(separator: "\n"))
                esac
            }
            complete -F _\(program) \(program)
            """
    }

    /// What is offered after one command.
    private func branch(_ command: Command) -> String {
        let valued = command.options.filter { $0.placeholder != nil }
        let options = valued.map { option in
            "        --\(option.name)) _\(program)_offer \(offer(commandSet.suggestion(for: option) ?? .nothing)) ;;"
        }
        let rest = [
            "\(command.words.count + 1)", valued.map { "--\($0.name)" }.joined(separator: " ").shellQuoted,
            command.allOptions.map { "--\($0.name)" }.joined(separator: " ").shellQuoted,
        ]
        let operands = commandSet.suggestions(for: command).map(offer)
        return """
                \((command.name + " ").shellQuoted)*)
                    case $previous in
            \((options + ["        *) _\(program)_rest \((rest + operands).joined(separator: " ")) ;;"]).joined(separator: "\n"))
                    esac
                    ;;
            """
    }

    private func offer(_ suggestion: Suggestion) -> String {
        switch suggestion {
        case .files: "files"
        case .folders: "folders"
        case .words(let words): "words \(words.joined(separator: " "))".shellQuoted
        case .nothing: "''"
        }
    }

    private var helpers: String {
        #"""
        # Offers files, folders, 'words …' or nothing.
        _\#(program)_offer() {
            case $1 in
            files | folders)
                compopt -o filenames 2>/dev/null
                local action=-f
                [[ $1 == folders ]] && action=-d
                mapfile -t COMPREPLY < <(compgen "$action" -- "$current")
                ;;
            words*) mapfile -t COMPREPLY < <(compgen -W "${1#words}" -- "$current") ;;
            esac
        }

        # Offers options, or what fits the operand that is being typed.
        # Arguments: where the command's arguments start, its options with a value, all its options, its operands.
        _\#(program)_rest() {
            local index position=4
            for ((index = $1; index < COMP_CWORD; index++)); do
                if [[ " $2 " == *" ${COMP_WORDS[index]} "* ]]; then
                    [[ ${COMP_WORDS[index + 1]} == "=" ]] && ((index++))
                    ((index++))
                elif [[ ${COMP_WORDS[index]} != -* ]]; then
                    ((position++))
                fi
            done
            [[ $current == -* ]] || _\#(program)_offer "${!position}"
            [[ -n $current && $current != -* || ${#COMPREPLY[@]} -gt 0 ]] || _\#(program)_offer "words $3"
        }
        """#
    }
}
