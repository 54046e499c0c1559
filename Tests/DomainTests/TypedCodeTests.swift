import Cryptography
import Domain
import Support
import Testing

@Suite("Codes as people type them")
struct TypedCodeTests {
    @Test(
        "Spaces, hyphens, dots and what no one sees are dropped; digits of all scripts are folded",
        arguments: [
            "123456", "123 456", " 123456 ", "123456\n", "123456\r\n", "123-456", "12-34-56", "1 2 3 4 5 6", "123.456",
            "123\u{a0}456", "123\u{202f}456", "123\u{2009}456", "123\u{3000}456", "123\u{2013}456", "123\u{2011}456",
            "123\u{2212}456", "123\u{ad}456", "123·456", "123•456", "123．456", "123。456", "\u{200b}123456",
            "123\u{200d}456", "\u{feff}123456", "\u{2060}123456", "\u{202a}123456\u{202c}", "\u{2066}123456\u{2069}",
            "\u{200e}123\u{200f}456", "\u{61c}123456", "123456\u{fe0f}", "１２３４５６", "１２３　４５６", "١٢٣٤٥٦",
            "۱۲۳۴۵۶", "१२३४५६", "\u{1d7cf}23456", "123\u{180e}456",
        ])
    func folded(_ typed: String) {
        #expect(TypedCode.canonical(typed) == "123456")
    }

    @Test(
        "Anything else is no code",
        arguments: [
            "", " ", "-", "\u{200b}", "123,456", "123/456", "+123456", "123456!", "①②③④⑤⑥", "½", "12345\u{301}6", "é",
            "𝗔", "\u{410}", "123\0456", "²", "Ⅷ", "123_456", "(123456)", String(repeating: " ", count: 256) + "1",
        ])
    func refused(_ typed: String) {
        #expect(TypedCode.canonical(typed) == nil)
    }

    @Test("Letters are upper case, full-width ones too", arguments: ["abc2", "ABC2", "Ａｂｃ２", "a b-c.2"])
    func letters(_ typed: String) {
        #expect(TypedCode.canonical(typed) == "ABC2")
    }

    @Test("Whatever Unicode holds, the form is plain, and has no other form")
    func everyScalar() {
        for value in UInt32(0)...0x1FFFF {
            guard let scalar = Unicode.Scalar(value), let code = TypedCode.canonical("1\(scalar)2") else { continue }
            #expect(code.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) })
            #expect(TypedCode.canonical(code) == code)
            #expect((2...3).contains(code.utf8.count))
        }
    }

    @Test("A typed code gets in only when the strict reader takes its canonical form")
    func noWider() throws {
        let secret = try #require(TOTPSecret(bytes: Array("a fixed test secret!".utf8)))
        let now: Int64 = 1_800_000_015_000
        let right = TOTP.code(
            secret: secret, parameters: .standard, step: TOTP.step(at: now, period: 30))
        func isAccepted(_ code: String) -> Bool {
            let result = TOTP.verify(
                code: code, secret: secret, parameters: .standard, at: now, lastAcceptedStep: nil)
            return if case .accepted = result { true } else { false }
        }
        let fillers = [" ", "-", ".", "\u{200b}", "a", "0", "٠", ",", "\u{301}", "\n"]
        var random = SeededRandom(3)
        for _ in 0..<3000 {
            var typed = right
            for _ in 0...Int.random(in: 0...2, using: &random) {
                let place = typed.unicodeScalars.indices.randomElement(using: &random)!
                typed.unicodeScalars.insert(
                    contentsOf: fillers.randomElement(using: &random)!.unicodeScalars, at: place)
            }
            let canonical = TypedCode.canonical(typed)
            let isRight = canonical.map(isAccepted) ?? false
            #expect(isRight == (canonical == right), "\(typed.debugDescription)")
            #expect(!isAccepted(typed) || typed == canonical)
        }
    }
}
