import FoundationEssentials

/// Text beyond ASCII in a header (RFC 2047): words of base64 in UTF-8, each at most 75 characters long.
enum EncodedWord {
    private static let opening = "=?UTF-8?B?"
    private static let closing = "?="
    private static let longest = 75

    /// ASCII that looks like an encoded word is encoded too, or a reader would see something else than was written.
    static func isNeeded(for text: String) -> Bool {
        !text.isASCII || zip(text.utf8, text.utf8.dropFirst()).contains { $0 == (UInt8(ascii: "="), UInt8(ascii: "?")) }
    }

    /// The words, to be joined by a space, which decoders drop between encoded words.
    ///
    /// A code point is never split (RFC 2047 section 5). The first word is shorter by `prefixLength`, the length
    /// of `Name: `, because a line that holds an encoded word is at most 76 characters long (section 2).
    static func words(for text: String, afterPrefixOf prefixLength: Int) -> [String] {
        var words: [String] = []
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let room = longest - (words.isEmpty ? prefixLength : 0) - opening.utf8.count - closing.utf8.count
            var chunk = rest.prefix(room / 4 * 3)
            while chunk.endIndex < rest.endIndex, UTF8.isContinuation(rest[chunk.endIndex]) { chunk.removeLast() }
            words.append(opening + Data(chunk).base64EncodedString() + closing)
            rest = rest[chunk.endIndex...]
        }
        return words
    }
}
