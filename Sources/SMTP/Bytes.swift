/// Text meets SMTP as bytes: a Swift Character can be CR LF together, and string comparison knows no bytes.
enum Byte {
    static let carriageReturn = UInt8(ascii: "\r")
    static let lineFeed = UInt8(ascii: "\n")
    static let space = UInt8(ascii: " ")
    static let dot = UInt8(ascii: ".")
    static let at = UInt8(ascii: "@")
    static let hyphen = UInt8(ascii: "-")
}

func isLetterOrDigit(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
    default: false
    }
}

/// `atext` of RFC 5322 section 3.2.3: what a word may hold without quotes.
func isAtomByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "!"), UInt8(ascii: "#")...UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"),
        UInt8(ascii: "-"), UInt8(ascii: "/"), UInt8(ascii: "="), UInt8(ascii: "?"),
        UInt8(ascii: "^")...UInt8(ascii: "`"), UInt8(ascii: "{")...UInt8(ascii: "~"):
        true
    default: isLetterOrDigit(byte)
    }
}

/// Labels of letters, digits and inner hyphens, 63 bytes at most, joined by single dots (RFC 1123 section 2.1).
///
/// Underscores are no part of the rule, but of names that machines have on private networks.
func isHostName(_ bytes: ArraySlice<UInt8>, underscores: Bool = false) -> Bool {
    var labelLength = 0
    var previous = Byte.dot
    for byte in bytes {
        switch byte {
        case Byte.dot:
            guard labelLength > 0, previous != Byte.hyphen else { return false }
            labelLength = 0
        case Byte.hyphen where labelLength > 0, UInt8(ascii: "_") where underscores:
            labelLength += 1
        default:
            guard isLetterOrDigit(byte) else { return false }
            labelLength += 1
        }
        guard labelLength <= 63 else { return false }
        previous = byte
    }
    return labelLength > 0 && previous != Byte.hyphen && bytes.count <= 253
}

func isControl(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == 0x7F
}

extension StringProtocol {
    var isASCII: Bool { utf8.allSatisfy { $0 < 0x80 } }

    /// True of text that can end a line or is a control character somewhere: ASCII and C1 controls, U+2028, U+2029.
    var holdsControls: Bool {
        // Of ASCII alone, as nearly all text is, the bytes tell.
        utf8.allSatisfy { (0x20..<0x7F).contains($0) } ? false : unicodeScalars.contains(where: \.isControl)
    }
}

extension Unicode.Scalar {
    /// The general categories Cc, Zl and Zp, which Unicode will not add to.
    var isControl: Bool {
        switch value {
        case 0x00...0x1F, 0x7F...0x9F, 0x2028, 0x2029: true
        default: false
        }
    }
}

/// One line for a log: control characters become spaces, and at most 500 bytes of whole code points are kept.
package func sanitized(_ text: String) -> String {
    var line = String.UnicodeScalarView()
    var length = 0
    for scalar in text.unicodeScalars {
        length += UTF8.width(scalar)
        guard length <= 500 else { break }
        line.append(scalar.isControl ? " " : scalar)
    }
    while line.last == " " { line.removeLast() }
    return String(line)
}

extension Duration {
    /// Rounded up, so that a time above zero stays above zero: to libcurl zero means none.
    var milliseconds: Int {
        let (seconds, attoseconds) = components
        return Int(seconds) * 1_000 + Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
