/// Base64 with the URL and file name safe alphabet (RFC 4648, section 5), without padding.
package enum Base64URL {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    package static func encode(_ bytes: [UInt8]) -> String {
        BitPacking.encode(bytes, bitsPerSymbol: 6) { alphabet[Int($0)] }
    }

    /// The bytes that `text` stands for, or nil.
    ///
    /// Only the spelling that `encode` produces is taken, so that each token has exactly one: no padding, no
    /// white space, no set bits beyond the last whole byte.
    package static func decode(_ text: String) -> [UInt8]? {
        BitPacking.decode(Array(text.utf8), bitsPerSymbol: 6, value: value)
    }

    private static func value(_ symbol: UInt8) -> UInt8? {
        switch symbol {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): symbol - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): symbol - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): symbol - UInt8(ascii: "0") + 52
        case UInt8(ascii: "-"): 62
        case UInt8(ascii: "_"): 63
        default: nil
        }
    }
}
