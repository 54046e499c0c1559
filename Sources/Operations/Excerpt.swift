/// Text that came from outside (a form, a relay, another program) made fit for operators' eyes: cut, without what hides
/// or reorders text, and without the token of a reset link, which a relay's filter may quote from the mail it refuses.
package enum Excerpt {
    /// A reason or a relay's reply; SMTP allows 510 bytes a line (RFC 5321 section 4.5.3.1.5).
    package static let reply = 512
    /// A User ID or a kind of job.
    static let name = 64

    /// At most `limit` Unicode scalars, since one Character can be of any length.
    package static func of(_ text: String, atMost limit: Int) -> String {
        let shown = withoutTokens(text).unicodeScalars.prefix(limit + 1).map { isInvisible($0) ? "\u{fffd}" : $0 }
        let cut = shown.count > limit ? shown.prefix(limit) + ["…"] : shown[...]
        return String(String.UnicodeScalarView(cut))
    }

    /// Controls (line ends and terminal commands among them), marks of writing direction, and what has no width.
    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: true
        default: false
        }
    }

    // The form of a token is told at `ResetLinks.token`.
    private static let idLength = 22
    private static let macLength = 43

    private static func withoutTokens(_ text: String) -> String {
        let bytes = Array(text.utf8)
        guard bytes.count > idLength + macLength else { return text }
        var kept: [UInt8] = []
        var index = 0
        while index < bytes.count {
            let end = index + idLength + 1 + macLength
            if end <= bytes.count, isToken(bytes[index..<end]) {
                kept += Array("…".utf8)
                index = end
            } else {
                kept.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: kept, as: UTF8.self)
    }

    private static func isToken(_ bytes: ArraySlice<UInt8>) -> Bool {
        let dot = bytes.startIndex + idLength
        return bytes[dot] == UInt8(ascii: ".") && bytes[..<dot].allSatisfy(isBase64URL)
            && bytes[(dot + 1)...].allSatisfy(isBase64URL)
    }

    private static func isBase64URL(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
