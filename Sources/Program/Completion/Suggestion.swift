import Domain

/// What a shell can offer for a word of the command line. It follows from how the usage line writes the word: capitals
/// name a kind of value (`FILE`, `STATE`), small letters stand for themselves (`on|off`).
enum Suggestion: Equatable, Sendable {
    case files
    case folders
    case words([String])
    /// Only the person knows, such as the id of a job or of an account.
    case nothing

    private static let kinds: [Substring: Suggestion] = [
        "FILE": .files,
        "DIRECTORY": .folders,
        "STATE": .words(JobState.allCases.map(\.rawValue)),
        "KIND": .words(JobKind.allCases.map(\.rawValue)),
        "EVENT": .words(AuditEvent.Name.allCases.map(\.rawValue)),
    ]

    /// - Parameter placeholder: as the usage line has it, whether or not it is optional or may be repeated: `[FILE…]`.
    init(for placeholder: String) {
        var bare = placeholder.drop { $0 == "[" }
        while let last = bare.last, "].…".contains(last) { bare.removeLast() }
        let suggestions = bare.split(separator: "|").map { word in
            Self.kinds[word] ?? (word == word.lowercased() ? .words([String(word)]) : .nothing)
        }
        let words = suggestions.flatMap { if case .words(let words) = $0 { words } else { [] as [String] } }
        self = words.isEmpty ? suggestions.first ?? .nothing : .words(words)
    }
}

extension Command {
    /// What can stand in the place of each operand.
    var operandSuggestions: [Suggestion] { operands.split(separator: " ").map { Suggestion(for: String($0)) } }
}

extension Command.Option {
    /// What can follow the option; nil for one that takes no value.
    var suggestion: Suggestion? { placeholder.map(Suggestion.init(for:)) }
}
