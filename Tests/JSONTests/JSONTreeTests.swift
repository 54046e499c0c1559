import Foundation
import Testing

@testable import JSON

@Suite("A tree of JSON as text")
struct JSONTreeTests {
    @Test("compact, with the keys in order and nothing escaped that need not be")
    func compact() {
        let tree: JSONTree = ["b": [1, true, .null, "x/y"], "a": [:], "c": []]
        #expect(tree.text() == #"{"a":{},"b":[1,true,null,"x/y"],"c":[]}"#)
    }

    @Test("for people, a line for each member and element")
    func pretty() {
        let tree: JSONTree = ["a": [1, ["b": "c"]], "d": []]
        #expect(
            tree.text(isPretty: true) == """
                {
                  "a": [
                    1,
                    {
                      "b": "c"
                    }
                  ],
                  "d": []
                }
                """)
    }

    @Test(
        "what is written is read as the same tree again",
        arguments: [
            JSONTree.text((0..<0x80).map { String(UnicodeScalar(UInt8($0))) }.joined()), "\u{2028} é 😀 \u{0}", "\r\n",
            .number(0.1), .number(-1e300), .number(.leastNonzeroMagnitude), .number(9_007_199_254_740_992),
            .number(1e20), -1, [[]],
            ["\"\\": ["\"": "\\"]],
        ])
    func roundTrip(_ tree: JSONTree) throws {
        #expect(JSONTree.strict(Array(tree.text().utf8)) == tree)
        #expect(JSONTree.strict(Array(tree.text(isPretty: true).utf8)) == tree)
        // And by another's reader.
        #expect(throws: Never.self) {
            try JSONSerialization.jsonObject(with: Data(tree.text().utf8), options: .fragmentsAllowed)
        }
    }

    @Test("a number that JSON does not know is null", arguments: [Double.infinity, -.infinity, .nan])
    func numbersOutside(_ number: Double) {
        #expect(JSONTree.number(number).text() == "null")
    }
}
