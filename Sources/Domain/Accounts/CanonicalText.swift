/// How names that people type are compared: without the white space around them and without the case of ASCII letters.
/// All other bytes count as they are, so a letter that only looks the same stays another letter.
package enum CanonicalText {
    /// Without white space at both ends: whatever Unicode calls white space, line ends included.
    package static func trimmed(_ text: String) -> String {
        let scalars = text.unicodeScalars
        guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return "" }
        return String(scalars[first...last])
    }

    /// All characters that `trimmed` takes away.
    package static let whitespace = String(
        String.UnicodeScalarView((0...0x3000).compactMap(Unicode.Scalar.init).filter(\.properties.isWhitespace)))

    /// ASCII letters in lower case; `String.lowercased()` would make a "k" of the Kelvin sign.
    package static func folded(_ text: String) -> String {
        let upper = UInt8(ascii: "A")...UInt8(ascii: "Z")
        return String(decoding: text.utf8.map { upper.contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
    }

    /// What two spellings of one name share. Idempotent.
    package static func key(_ text: String) -> String { folded(trimmed(text)) }

    /// Whether two texts are spellings of one name, by the bytes of their keys.
    package static func matches(_ one: String, _ other: String) -> Bool {
        Array(key(one).utf8) == Array(key(other).utf8)
    }
}
