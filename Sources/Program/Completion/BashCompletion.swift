/// Completion for bash, without help from the package bash-completion.
enum BashCompletion {
    static func script(_ tree: CompletionTree) -> String {
        let forks = tree.forks.map { fork in
            let typed = fork.words.map { $0 + " " }.joined()
            let words = fork.branches.map(\.word).joined(separator: " ")
            return "    \((typed.isEmpty ? " " : typed).shellQuoted)) _pulih_offer \("words \(words)".shellQuoted) ;;"
        }
        return """
            # Completion of pulih for bash, made by: pulih completion bash
            \(helpers)

            _pulih() {
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
            complete -F _pulih pulih
            """
    }

    /// What is offered after one command.
    private static func branch(_ command: Command) -> String {
        let valued = command.options.filter { $0.placeholder != nil }
        let options = valued.map { option in
            "        --\(option.name)) _pulih_offer \(offer(option.suggestion ?? .nothing)) ;;"
        }
        let rest = [
            "\(command.words.count + 1)", valued.map { "--\($0.name)" }.joined(separator: " ").shellQuoted,
            command.allOptions.map { "--\($0.name)" }.joined(separator: " ").shellQuoted,
        ]
        let operands = command.operandSuggestions.map(offer)
        return """
                \((command.name + " ").shellQuoted)*)
                    case $previous in
            \((options + ["        *) _pulih_rest \((rest + operands).joined(separator: " ")) ;;"]).joined(separator: "\n"))
                    esac
                    ;;
            """
    }

    private static func offer(_ suggestion: Suggestion) -> String {
        switch suggestion {
        case .files: "files"
        case .folders: "folders"
        case .words(let words): "words \(words.joined(separator: " "))".shellQuoted
        case .nothing: "''"
        }
    }

    private static let helpers = #"""
        # Offers files, folders, 'words …' or nothing.
        _pulih_offer() {
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
        _pulih_rest() {
            local index position=4
            for ((index = $1; index < COMP_CWORD; index++)); do
                if [[ " $2 " == *" ${COMP_WORDS[index]} "* ]]; then
                    [[ ${COMP_WORDS[index + 1]} == "=" ]] && ((index++))
                    ((index++))
                elif [[ ${COMP_WORDS[index]} != -* ]]; then
                    ((position++))
                fi
            done
            [[ $current == -* ]] || _pulih_offer "${!position}"
            [[ -n $current && $current != -* || ${#COMPREPLY[@]} -gt 0 ]] || _pulih_offer "words $3"
        }
        """#
}
