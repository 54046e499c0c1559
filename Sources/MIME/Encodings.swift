import FoundationEssentials

/// How a body was packed for transport (RFC 2045 section 6).
package enum TransferEncoding {
    package static func decode(_ body: ArraySlice<UInt8>, named name: String) -> [UInt8] {
        switch name.lowercased().filter({ $0 != " " }) {
        case "base64": base64(body) ?? []
        case "quoted-printable": quotedPrintable(body)
        // 7bit, 8bit, binary; of another nothing is known.
        default: Array(body)
        }
    }

    /// Line ends and whatever else is not of the alphabet are passed over, as section 6.8 asks; nil when what remains
    /// is not whole.
    package static func base64(_ bytes: some Collection<UInt8>) -> [UInt8]? {
        Data(base64Encoded: Data(bytes), options: .ignoreUnknownCharacters).map(Array.init)
    }

    /// Section 6.7: `=XX` is a byte, `=` at the end of a line joins it with the next, blanks at the end of a line came
    /// on the way. What is none of these stays as it is.
    package static func quotedPrintable(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var decoded: [UInt8] = []
        var rest = bytes
        while let line = Lines.first(of: rest) {
            var content = line.content
            while let last = content.last, Lines.isBlank(last) { content.removeLast() }
            let isJoined = content.last == UInt8(ascii: "=")
            decoded += hexadecimal(isJoined ? content.dropLast() : content)
            if !isJoined, rest[..<line.end].last == UInt8(ascii: "\n") { decoded.append(UInt8(ascii: "\n")) }
            rest = rest[line.end...]
        }
        return decoded
    }

    /// Resolves `=XX`.
    package static func hexadecimal(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var decoded: [UInt8] = []
        var rest = bytes
        while let byte = rest.popFirst() {
            let digits = rest.prefix(2)
            if byte == UInt8(ascii: "="), digits.count == 2, let high = digits.first?.hexadecimalDigit,
                let low = digits.last?.hexadecimalDigit
            {
                decoded.append(high << 4 | low)
                rest = rest.dropFirst(2)
            } else {
                decoded.append(byte)
            }
        }
        return decoded
    }
}

/// What bytes mean as text. A byte that means nothing becomes U+FFFD.
package enum Charset {
    package static func decode(_ bytes: [UInt8], named name: String) -> String {
        switch name.lowercased() {
        case "iso-8859-1", "latin1": String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
        // UTF-8, and ASCII within it; of another only the ASCII part is sure to be right.
        default: String(decoding: bytes, as: UTF8.self)
        }
    }
}

/// Words like `=?utf-8?q?caf=C3=A9?=` in headers (RFC 2047).
package enum EncodedWord {
    /// The header as people read it, on one line.
    package static func decode(_ value: String) -> String {
        var text = ""
        var rest = Array(value.utf8)[...]
        var isAfterWord = false
        while !rest.isEmpty {
            let blanks = rest.prefix(while: Lines.isBlank)
            let piece = rest.dropFirst(blanks.count).prefix { !Lines.isBlank($0) }
            let word = word(piece)
            // Blanks between two encoded words only keep them apart (section 6.2).
            if !isAfterWord || word == nil { text += String(decoding: blanks, as: UTF8.self) }
            text += word ?? String(decoding: piece, as: UTF8.self)
            isAfterWord = word != nil
            rest = rest[piece.endIndex...]
        }
        let isControl = { (scalar: Unicode.Scalar) in scalar.properties.generalCategory == .control }
        return String(String.UnicodeScalarView(text.unicodeScalars.map { isControl($0) ? " " : $0 }))
    }

    private static func word(_ bytes: ArraySlice<UInt8>) -> String? {
        guard bytes.count > 4, bytes.starts(with: "=?".utf8), bytes.suffix(2).elementsEqual("?=".utf8) else {
            return nil
        }
        let fields = bytes.dropFirst(2).dropLast(2)
            .split(separator: UInt8(ascii: "?"), omittingEmptySubsequences: false)
        guard fields.count == 3, fields[1].count == 1, let encoding = fields[1].first else { return nil }
        // A language may follow the charset (RFC 2231 section 5).
        let charset = String(decoding: fields[0].prefix { $0 != UInt8(ascii: "*") }, as: UTF8.self)
        switch encoding {
        case UInt8(ascii: "B"), UInt8(ascii: "b"):
            return TransferEncoding.base64(fields[2]).map { Charset.decode($0, named: charset) }
        case UInt8(ascii: "Q"), UInt8(ascii: "q"):
            let spaced = fields[2].map { $0 == UInt8(ascii: "_") ? UInt8(ascii: " ") : $0 }
            return Charset.decode(TransferEncoding.hexadecimal(spaced[...]), named: charset)
        default: return nil
        }
    }
}

extension UInt8 {
    /// The value of a letter that is a hexadecimal digit.
    fileprivate var hexadecimalDigit: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
