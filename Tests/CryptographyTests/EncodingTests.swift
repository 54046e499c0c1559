import Cryptography
import Testing

@Suite("Base32 and Base64url")
struct EncodingTests {
    /// RFC 4648, section 10.
    static let base32 = [
        ("", ""), ("f", "MY======"), ("fo", "MZXQ===="), ("foo", "MZXW6==="), ("foob", "MZXW6YQ="),
        ("fooba", "MZXW6YTB"), ("foobar", "MZXW6YTBOI======"),
    ]

    @Test("Base32 matches the published vectors", arguments: base32)
    func base32Vectors(plain: String, encoded: String) {
        let unpadded = String(encoded.prefix { $0 != "=" })
        #expect(Base32.encode(ascii(plain)) == unpadded)
        #expect(Base32.decode(encoded) == ascii(plain))
        #expect(Base32.decode(unpadded) == ascii(plain))
    }

    @Test(
        "Base32 reads keys as people type them",
        arguments: ["mzxw6ytboi", "MZXW 6YTB OI", "mzxw-6ytb-oi", " MZXW6YTBOI ", "Mzxw 6yTB oi== ===="])
    func typed(_ text: String) {
        #expect(Base32.decode(text) == ascii("foobar"))
    }

    @Test(
        "Base32 refuses what no encoder writes",
        arguments: [
            "M", "A", "AAA", "AAAAAA", "MZX", "MZXW6Y", "MZ", "MZXR", "MZXW7", "MZXW6YR", "0Z", "1Y", "8Y", "9Y", "MY=",
            "MY=====",
            "MY=======", "=", "========", "MZXW6YTB========", "M=Y=====", "MY======MY", "MY\n", "MY\0", "MY\t",
            "\u{212A}Y", "MÝ", "MY,", "ＭＹ",
        ])
    func base32Refusals(_ text: String) {
        #expect(Base32.decode(text) == nil)
    }

    /// RFC 4648, section 10, without padding; and the two letters that differ from plain Base64.
    static let base64 = [
        ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"),
        ("foobar", "Zm9vYmFy"), ("?>?>", "Pz4_Pg"), ("~~~", "fn5-"),
    ]

    @Test("Base64url matches the published vectors", arguments: base64)
    func base64Vectors(plain: String, encoded: String) {
        #expect(Base64URL.encode(ascii(plain)) == encoded)
        #expect(Base64URL.decode(encoded) == ascii(plain))
    }

    @Test(
        "Base64url refuses every second spelling",
        arguments: [
            "A", "AAAAA", "Zg==", "Zm8=", "Zh", "Zm9", "Zm9vYmF", "Z", "Zm9vY", " Zg", "Zg ", "Zg\n", "Z g", "Zg\0",
            "+++v", "Pz4/Pg",
            "Ẑg", "Ｚｇ",
        ])
    func base64Refusals(_ text: String) {
        #expect(Base64URL.decode(text) == nil)
    }

    @Test("of all strings of three letters, each value of two bytes has exactly one spelling")
    func oneSpelling() {
        let letters = (UInt8(0)..<128).map { String(UnicodeScalar($0)) }
        let symbols = letters.filter { Base64URL.decode($0 + "A") != nil || Base64URL.decode("A\($0)A") != nil }
        #expect(symbols.count == 64)
        var spellings: [[UInt8]: Int] = [:]
        for first in symbols {
            for second in symbols {
                for third in symbols {
                    if let value = Base64URL.decode(first + second + third) { spellings[value, default: 0] += 1 }
                }
            }
        }
        #expect(spellings.count == 65_536)
        #expect(spellings.values.allSatisfy { $0 == 1 })
    }

    @Test("both read back what they wrote, at every length")
    func roundTrip() {
        for length in 0..<130 {
            let bytes = SystemRandom().bytes(length)
            #expect(Base32.decode(Base32.encode(bytes)) == bytes)
            #expect(Base64URL.decode(Base64URL.encode(bytes)) == bytes)
        }
    }
}
