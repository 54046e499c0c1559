import Domain

/// What a shell can offer for a word of the command line. It follows from how the usage line writes the word: capitals
/// name a kind of value (`FILE`, `STATE`), small letters stand for themselves (`on|off`).
enum Suggestion: Equatable, Sendable {
    case files
    case folders
    case words([String])
    /// Only the person knows, such as the id of a job or of an account.
    case nothing

    private static let kinds: [String: Suggestion] = [
        "FILE": .files,
        "DIRECTORY": .folders,
        "STATE": .words(JobState.allCases.map(\.rawValue)),
        "KIND": .words(JobKind.allCases.map(\.rawValue)),
        "LANE": .words(JobKind.allCases.map(\.rawValue)),
    ]

    /// - Parameter placeholder: as the usage line has it, whether or not it is optional or may be repeated: `[FILE…]`.
    init(for placeholder: String) {
        let alternatives = placeholder.split { "[]|…".contains($0) }.map { String($0.trimmingDots) }
        if alternatives.count == 1, let kind = Self.kinds[alternatives[0]] {
            self = kind
        } else {
            let words = alternatives.filter { !$0.isEmpty && $0 == $0.lowercased() }
            self = words.isEmpty ? .nothing : .words(words)
        }
    }
}

extension StringProtocol {
    /// Without the dots that say that a word may be repeated.
    fileprivate var trimmingDots: SubSequence { hasSuffix("...") ? dropLast(3) : self[...] }
}

extension Command {
    /// What can stand in the place of each operand.
    var operandSuggestions: [Suggestion] { operands.split(separator: " ").map { Suggestion(for: String($0)) } }
}

extension Command.Option {
    /// What can follow the option; nil for one that takes no value.
    var suggestion: Suggestion? { placeholder.map(Suggestion.init(for:)) }
}
