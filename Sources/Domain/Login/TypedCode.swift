/// Codes as people type, read out and paste them: `123 456`, `123-456`, `１２３４５６`, with marks that no one sees.
package enum TypedCode {
    /// Longer texts are no codes.
    package static let maximumBytes = 256

    /// The letters, in upper case, and digits of a code. White space, hyphens, dots and invisible characters are dropped,
    /// full-width letters and the decimal digits of all scripts become ASCII. Idempotent.
    /// - Returns: ASCII letters and digits alone; nil when anything else is left, nothing is left, or it is too long.
    package static func canonical(_ typed: String) -> String? {
        guard typed.utf8.count <= maximumBytes else { return nil }
        var code: [UInt8] = []
        for scalar in typed.unicodeScalars where !isFiller(scalar) {
            guard let byte = plain(scalar) else { return nil }
            code.append(byte)
        }
        return code.isEmpty ? nil : String(decoding: code, as: UTF8.self)
    }

    /// The upper-case letter or the digit that a character is another form of.
    private static func plain(_ scalar: Unicode.Scalar) -> UInt8? {
        if scalar.properties.numericType == .decimal, let value = scalar.properties.numericValue {
            return UInt8(ascii: "0") + UInt8(value)
        }
        let fullWidth: ClosedRange<UInt32> = 0xFF01...0xFF5E
        let value = fullWidth.contains(scalar.value) ? scalar.value - 0xFEE0 : scalar.value
        switch UInt8(exactly: value) {
        case let letter? where (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(letter): return letter
        case let letter? where (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(letter): return letter - 0x20
        default: return nil
        }
    }

    private static func isFiller(_ scalar: Unicode.Scalar) -> Bool {
        let properties = scalar.properties
        if properties.isWhitespace || properties.isDefaultIgnorableCodePoint { return true }
        switch properties.generalCategory {
        case .format, .dashPunctuation: return true
        default: return marks.contains(scalar)
        }
    }

    /// The minus sign, the hyphen bullet, and dots: those of full stops, lists and other scripts.
    private static let marks: Set<Unicode.Scalar> = [
        "\u{2212}", "\u{2043}", ".", "\u{B7}", "\u{2022}", "\u{2024}", "\u{2027}", "\u{22C5}", "\u{3002}", "\u{30FB}",
        "\u{FF0E}", "\u{FF61}", "\u{FF65}", "\u{6D4}",
    ]
}
