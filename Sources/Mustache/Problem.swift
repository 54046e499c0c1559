/// Something in a template that does not fit the contexts it will be rendered with.
package struct Problem: Sendable, Equatable, CustomStringConvertible {
    package enum Kind: Sendable {
        /// A tag or section over a name that the sample context does not have there.
        case unknownName
        /// `{{name}}` over a list or a dictionary.
        case notPrintable
        /// A section over a list that is empty in the sample: the content cannot be checked.
        case emptyList
        /// `{{>name}}` for which there is no partial.
        case unknownPartial
        /// A partial that comes back to itself without going deeper into the data.
        case endlessPartial
    }

    package let kind: Kind
    /// The name of the template or partial that holds the tag.
    package let file: String
    /// Counted from 1.
    package let line: Int
    /// The name in the tag.
    package let name: String
    /// The nearest name that is known at this place, if one is near.
    package let suggestion: String?

    /// For a person, without the place.
    package var sentence: String {
        let sentence =
            switch kind {
            case .unknownName: "\(name) is not known here"
            case .notPrintable: "\(name) is a list or a dictionary and cannot be printed"
            case .emptyList: "\(name) is an empty list in the sample, so that its section cannot be checked"
            case .unknownPartial: "there is no partial \(name)"
            case .endlessPartial: "partial \(name) includes itself without end"
            }
        return suggestion.map { "\(sentence); did you mean \($0)?" } ?? sentence
    }

    package var description: String { "\(file):\(line): \(sentence)" }
}
