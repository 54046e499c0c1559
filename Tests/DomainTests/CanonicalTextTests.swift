import Domain
import Support
import Testing

@Suite("Names as people type them")
struct CanonicalTextTests {
    /// What surrounds, replaces or resembles the letters of a name.
    private static let pieces = [
        "a", "b", "K", "k", "Z", "7", ".", "@", "-", " ", "\t", "\r\n", "\u{85}", "\u{a0}", "\u{2003}", "\u{200b}",
        "\u{feff}", "\u{212A}", "\u{130}", "\u{131}", "\u{e9}", "e\u{301}", "\u{c9}", "\u{ff42}", "\u{430}", "ß", "ﬁ",
        "\0",
    ]

    @Test("The key of a key is the key itself, whatever the text")
    func idempotent() {
        var random = SeededRandom(9)
        for _ in 0..<5000 {
            let text = (0..<Int.random(in: 0...6, using: &random)).map { _ in Self.pieces.randomElement(using: &random)!
            }
            .joined()
            let key = CanonicalText.key(text)
            #expect(Array(CanonicalText.key(key).utf8) == Array(key.utf8))
            #expect(CanonicalText.matches(text, key))
        }
    }

    @Test("Two texts have one key only when they differ in white space around and the case of ASCII letters")
    func noTwins() {
        for one in Self.pieces {
            for other in Self.pieces where !one.utf8.elementsEqual(other.utf8) {
                let (left, right) = ("x\(one)x", "x\(other)x")
                let differsInCase = one.utf8.count == 1 && one.utf8.map { $0 | 0x20 } == other.utf8.map { $0 | 0x20 }
                let isCase = differsInCase && one.unicodeScalars.allSatisfy(\.properties.isAlphabetic)
                #expect(
                    CanonicalText.matches(left, right) == isCase, "\(left.debugDescription) \(right.debugDescription)")
            }
        }
    }

    @Test("User IDs that are accepted are as many people as there are keys, and no key is refused")
    func userIDs() {
        var random = SeededRandom(4)
        for _ in 0..<5000 {
            let text = (0..<Int.random(in: 1...6, using: &random)).map { _ in Self.pieces.randomElement(using: &random)!
            }
            .joined()
            guard let userID = UserID(text) else { continue }
            #expect(UserID(userID.key) == userID)
            #expect(userID.key.utf8.elementsEqual(CanonicalText.key(text).utf8))
        }
    }

    @Test("All white space is among the characters that a database is asked to trim")
    func whitespace() {
        for value in UInt32(0)...0x10FFFF {
            guard let scalar = Unicode.Scalar(value), scalar.properties.isWhitespace else { continue }
            #expect(CanonicalText.whitespace.unicodeScalars.contains(scalar))
        }
    }

    @Test(
        "User types are named by id or by a label, without case",
        arguments: [
            ("penyedia", "penyedia"), ("PENYEDIA", "penyedia"), (" Non Penyedia ", "non-penyedia"),
            ("non-provider", "non-penyedia"), ("Provider", "penyedia"), ("other", nil), ("", nil),
        ] as [(String, String?)])
    func userTypes(typed: String, id: String?) {
        let types = [
            UserType(id: "penyedia", labels: [.indonesian: "Penyedia", .english: "Provider"]),
            UserType(id: "non-penyedia", labels: [.indonesian: "Non Penyedia", .english: "Non-provider"]),
        ]
        #expect(UserType.named(typed, among: types)?.id == id)
    }
}
