/// The tokens of reset links in text from elsewhere: a relay's filter may quote one from the mail it refuses, and somebody
/// may paste one.
package enum LinkTokenRedaction {
    // The form of a token is described at `ResetLinks.token`.
    private static let idLength = 22
    private static let macLength = 43

    /// The text with an ellipsis in place of each token.
    package static func redact(_ text: String) -> String {
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
