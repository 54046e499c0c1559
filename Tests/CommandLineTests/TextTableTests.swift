import Testing

@testable import CommandLine

/// Text for people in columns.
@Suite
struct TextTableTests {
    @Test("Lines break between words, and within a word only when it is longer than a line")
    func wrap() {
        #expect(TextTable.wrap("one two three", to: 8) == ["one two", "three"])
        #expect(TextTable.wrap("one two", to: 7) == ["one two"])
        #expect(TextTable.wrap("abcdefghij", to: 4) == ["abcd", "efgh", "ij"])
        #expect(TextTable.wrap("a bcdefghij k", to: 4) == ["a", "bcde", "fghi", "j k"])
        #expect(TextTable.wrap("", to: 4) == [""])
        let words = (1...200).map { "word\($0)" }.joined(separator: " ")
        #expect(TextTable.wrap(words, to: 30).joined(separator: " ") == words)
        #expect(TextTable.wrap(words, to: 30).allSatisfy { $0.count <= 30 })
    }

    @Test("Numbers stand to the right, the last column is cut where the line ends")
    func rows() {
        let table = TextTable.rows(
            ["ID", "KIND", "REASON"], [["7", "a", "short"], ["1234", "bc", "far too long"]], numbers: [0], width: 18)
        #expect(
            table == """
                  ID  KIND  REASON
                   7  a     short
                1234  bc    far t…
                """)
    }

    @Test("A long meaning goes on under its beginning")
    func definitions() {
        let text = TextTable.definitions([("a", "one two three four five six"), ("bcd", "x")], width: 27)
        #expect(
            text == """
                  a    one two three four
                       five six
                  bcd  x
                """)
    }

    @Test(
        "Lengths of time in few letters",
        arguments: [
            (0.0, "0 s", "0 ms"), (0.0121, "0 s", "13 ms"), (0.9999, "0 s", "1.0 s"), (1.24, "1 s", "1.2 s"),
            (119, "119 s", "119.0 s"), (120, "2 min", "2 min"), (7199, "119 min", "119 min"), (7200, "2 h", "2 h"),
            (172_800, "2 d", "2 d"), (-5, "0 s", "0 ms"),
        ])
    func lengths(seconds: Double, age: String, duration: String) {
        #expect(DurationText.age(seconds) == age)
        #expect(DurationText.duration(max(seconds, 0)) == duration)
    }

    @Test(
        "Numbers with a comma every three digits",
        arguments: [(0, "0"), (999, "999"), (1000, "1,000"), (200_000, "200,000"), (-1234, "-1,234")])
    func grouped(number: Int, text: String) { #expect(CountText.grouped(number) == text) }
}
