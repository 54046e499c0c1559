/// What a shell can offer for a word of the command line. It follows from how the usage line writes the word: capitals
/// name a kind of value (`FILE`, `STATE`), small letters stand for themselves (`on|off`).
package enum Suggestion: Equatable, Sendable {
    case files
    case folders
    case words([String])
    /// Only the person knows, such as the id of a job or of an account.
    case nothing

    /// - Parameters:
    ///   - placeholder: as the usage line has it, whether or not it is optional or may be repeated: `[FILE…]`.
    ///   - kinds: the values of each kind of the program's own, such as `STATE`.
    package init(for placeholder: String, kinds: [String: [String]]) {
        var bare = placeholder.drop { $0 == "[" }
        while let last = bare.last, "].…".contains(last) { bare.removeLast() }
        let suggestions = bare.split(separator: "|").map { word in
            Self.known(word, kinds) ?? (word == word.lowercased() ? .words([String(word)]) : .nothing)
        }
        let words = suggestions.flatMap { if case .words(let words) = $0 { words } else { [] as [String] } }
        self = words.isEmpty ? suggestions.first ?? .nothing : .words(words)
    }

    private static func known(_ word: Substring, _ kinds: [String: [String]]) -> Suggestion? {
        switch word {
        case "FILE": .files
        case "DIRECTORY": .folders
        default: kinds[String(word)].map { .words($0) }
        }
    }
}

extension CommandSet {
    /// What can stand in the place of each operand.
    package func suggestions(for command: Command) -> [Suggestion] {
        command.operands.split(separator: " ").map { Suggestion(for: String($0), kinds: valueKinds) }
    }

    /// What can follow the option; nil for one that takes no value.
    package func suggestion(for option: Command.Option) -> Suggestion? {
        option.placeholder.map { Suggestion(for: $0, kinds: valueKinds) }
    }
}
