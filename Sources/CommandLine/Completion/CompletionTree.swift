/// The commands, as a shell meets them word by word.
package struct CompletionTree {
    /// A word that may come next.
    package struct NextWord {
        package let word: String
        package let summary: String
    }

    /// The words typed so far and what may follow them.
    package struct CompletionState {
        package let words: [String]
        package let branches: [NextWord]

        /// The words as bash and zsh see them before the one that is being typed, quoted.
        var pattern: String { (words.isEmpty ? " " : words.map { $0 + " " }.joined()).shellQuoted }
    }

    package let commands: [Command]

    /// Every place where a command's name is not complete, the longest first: a shell takes the first that fits.
    package var forks: [CompletionState] {
        var order: [[String]] = []
        var branches: [[String]: [NextWord]] = [:]
        for command in commands {
            for depth in command.words.indices {
                let (typed, word) = (Array(command.words[..<depth]), command.words[depth])
                if branches[typed] == nil { order.append(typed) }
                guard branches[typed]?.contains(where: { $0.word == word }) != true else { continue }
                let summary = depth == command.words.count - 1 ? command.summary : family(typed + [word])
                branches[typed, default: []].append(NextWord(word: word, summary: summary))
            }
        }
        return order.map { CompletionState(words: $0, branches: branches[$0] ?? []) }.sorted {
            $0.words.count > $1.words.count
        }
    }

    /// The commands, those with the longest names first.
    package var longestFirst: [Command] { commands.sorted { $0.words.count > $1.words.count } }

    private func family(_ words: [String]) -> String {
        commands.filter { $0.words.starts(with: words) && $0.words.count > words.count }
            .map { $0.words[words.count] }.joined(separator: ", ")
    }
}

extension String {
    /// In single quotes, for bash and zsh.
    package var shellQuoted: String {
        "'" + split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }

    /// With a backslash before each of `characters` and before each backslash.
    package func escaping(_ characters: String) -> String {
        reduce(into: "") { text, character in
            if character == "\\" || characters.contains(character) { text.append("\\") }
            text.append(character)
        }
    }
}
