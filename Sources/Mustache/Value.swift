/// What a template is rendered with: a tree of text, flags, lists and dictionaries.
///
/// There are no numbers: how a number is written (separators, decimals) depends on the reader's language, so it comes in
/// as text that is ready to be shown, `"\(count)"`.
package enum Value: Sendable, Equatable {
    case text(String)
    case flag(Bool)
    case list([Value])
    case dictionary([String: Value])
    /// A name that is known and has nothing to show: printed as nothing, and a section over it is left out.
    case absent

    /// `absent` for nil.
    package static func optional(_ text: String?) -> Value { text.map(Value.text) ?? .absent }
    package static func optional(_ value: Value?) -> Value { value ?? .absent }

    /// Whether a section over this value is rendered: not for `absent`, `false`, the empty text and the empty list.
    var holdsSomething: Bool {
        switch self {
        case .text(let text): !text.isEmpty
        case .flag(let flag): flag
        case .list(let elements): !elements.isEmpty
        case .dictionary: true
        case .absent: false
        }
    }

    /// What a tag prints; nil for lists and dictionaries, which have no textual form.
    var printed: String? {
        switch self {
        case .text(let text): text
        case .flag(let flag): flag ? "true" : "false"
        case .absent: ""
        case .list, .dictionary: nil
        }
    }
}

extension Value: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
    package init(stringLiteral text: String) {
        self = .text(text)
    }
}

extension Value: ExpressibleByBooleanLiteral {
    package init(booleanLiteral flag: Bool) {
        self = .flag(flag)
    }
}

extension Value: ExpressibleByArrayLiteral {
    package init(arrayLiteral elements: Value...) {
        self = .list(elements)
    }
}

extension Value: ExpressibleByDictionaryLiteral {
    /// A name written twice keeps its last value.
    package init(dictionaryLiteral entries: (String, Value)...) {
        self = .dictionary(Dictionary(entries) { _, last in last })
    }
}

extension Value: ExpressibleByNilLiteral {
    package init(nilLiteral: ()) {
        self = .absent
    }
}
