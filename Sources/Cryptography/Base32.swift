/// Base32 (RFC 4648, section 6), the alphabet that TOTP keys are read and typed in.
package enum Base32 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)

    /// Upper case, without padding.
    package static func encode(_ bytes: [UInt8]) -> String {
        BitPacking.encode(bytes, bitsPerSymbol: 5) { alphabet[Int($0)] }
    }

    /// The bytes that `text` stands for, or nil.
    ///
    /// As people type keys, lower case, spaces, hyphens and complete padding are fine. Nothing else is: no other
    /// character, no length that no encoder makes, no set bits beyond the last whole byte.
    package static func decode(_ text: String) -> [UInt8]? {
        var symbols = text.utf8.filter { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "-") }
        let unpadded = symbols.count - symbols.reversed().prefix { $0 == UInt8(ascii: "=") }.count
        if unpadded < symbols.count {
            guard symbols.count % 8 == 0, symbols.count - unpadded < 8 else { return nil }
            symbols.removeSubrange(unpadded...)
        }
        return BitPacking.decode(symbols, bitsPerSymbol: 5, value: value)
    }

    /// The bytes that a key from another system stands for: white space, hyphens, plus signs and padding are passed over
    /// wherever they are, and so are bits beyond the last whole byte. Nil when another character is in it.
    package static func decodeLenient(_ text: String) -> [UInt8]? {
        let symbols = text.unicodeScalars.filter { !$0.properties.isWhitespace && !"-+=".unicodeScalars.contains($0) }
        guard symbols.allSatisfy(\.isASCII) else { return nil }
        return BitPacking.decode(
            symbols.map { UInt8(truncatingIfNeeded: $0.value) }, bitsPerSymbol: 5, isLenient: true, value: value)
    }

    private static func value(_ symbol: UInt8) -> UInt8? {
        switch symbol {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): symbol - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): symbol - UInt8(ascii: "a")
        case UInt8(ascii: "2")...UInt8(ascii: "7"): symbol - UInt8(ascii: "2") + 26
        default: nil
        }
    }
}
