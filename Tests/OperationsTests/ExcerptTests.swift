import Testing

@testable import Operations

struct ExcerptTests {
    private static let token = String(repeating: "a", count: 22) + "." + String(repeating: "B", count: 43)

    @Test(arguments: [
        ("", ""), ("plain", "plain"), ("Ünï 日本 👍", "Ünï 日本 👍"), ("a\u{7}\nb", "a\u{fffd}\u{fffd}b"),
        ("\u{2066}x\u{2069}\u{feff}", "\u{fffd}x\u{fffd}\u{fffd}"), (token, "…"), ("x/\(token)/cancel", "x/…/cancel"),
        ("zz\(token)", "zz…"), ("\(token)\(token)", "……"), (String(token.dropLast()), String(token.dropLast())),
        (String(token.dropFirst()), String(token.dropFirst())),
    ])
    func textIsMadeFit(text: String, shown: String) {
        #expect(Array(Excerpt.of(text, atMost: 200).unicodeScalars) == Array(shown.unicodeScalars))
    }

    @Test func whatIsTooLongIsCut() {
        #expect(Excerpt.of("abcdef", atMost: 6) == "abcdef")
        #expect(Excerpt.of("abcdefg", atMost: 6) == "abcdef…")
    }
}
