/// What happens to the values that a template prints with `{{name}}`; `{{{name}}}` and `{{&name}}` are never escaped.
package enum Escaping: Sendable {
    /// `&`, `<`, `>`, `"` and `'` become character references: safe in HTML text and in quoted attribute values.
    case html
    /// For plain text: mails, subjects.
    case none
}

extension [UInt8] {
    /// Bytes are compared, not characters: a combining mark after `<` makes another Character of it but hides no byte.
    mutating func append(_ text: String, escaping: Escaping) {
        let bytes = text.utf8.span
        guard escaping == .html, bytes.indices.contains(where: { bytes[$0].isSpecialInHTML }) else {
            append(contentsOf: text.utf8)
            return
        }
        for index in bytes.indices {
            let byte = bytes[index]
            if byte.isSpecialInHTML {
                append(contentsOf: byte.htmlReference.utf8)
            } else {
                append(byte)
            }
        }
    }
}

extension UInt8 {
    fileprivate var isSpecialInHTML: Bool {
        switch self {
        case UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""), UInt8(ascii: "'"): true
        default: false
        }
    }

    fileprivate var htmlReference: String {
        switch self {
        case UInt8(ascii: "&"): "&amp;"
        case UInt8(ascii: "<"): "&lt;"
        case UInt8(ascii: ">"): "&gt;"
        case UInt8(ascii: "\""): "&quot;"
        default: "&#39;"
        }
    }
}
