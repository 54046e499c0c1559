import Foundation
import Mustache
import Support
import Testing

/// The same templates and contexts through pystache, where Debian's python3-pystache is installed.
@Suite(.enabled(if: Pystache.isInstalled, "python3-pystache is not installed"))
struct PeerTests {
    @Test func `2,000 generated templates come out as pystache renders them`() throws {
        var generator = CaseGenerator(seed: 20_260)
        let cases = (0..<2_000).map { _ in generator.next() }
        let expected = try Pystache.render(cases)
        try #require(expected.count == cases.count)
        for (item, text) in zip(cases, expected) {
            let own = try rendered(item.template, item.context, partials: item.partials)
            // Both references mean the same character.
            #expect(own == text.replacing("&#x27;", with: "&#39;"), "\(item)")
        }
    }
}

struct PeerCase {
    let template: String
    let context: Value
    let partials: [String: String]

    var json: [String: Any] {
        ["template": template, "context": Self.json(context), "partials": partials]
    }

    private static func json(_ value: Value) -> Any {
        switch value {
        case .text(let text): text
        case .flag(let flag): flag
        case .list(let elements): elements.map(json)
        case .dictionary(let entries): entries.mapValues(json)
        case .absent: NSNull()
        }
    }
}

enum Pystache {
    private static let python = "/usr/bin/python3"

    static var isInstalled: Bool {
        (try? Subprocess.output(of: python, ["-c", "import pystache"])) != nil
    }

    static func render(_ cases: [PeerCase]) throws -> [String] {
        let script = """
            import json, pystache, sys
            def render(case):
                renderer = pystache.Renderer(partials=case["partials"])
                return renderer.render(case["template"], case["context"])
            json.dump([render(case) for case in json.load(sys.stdin)], sys.stdout)
            """
        let input = String(decoding: try JSONSerialization.data(withJSONObject: cases.map(\.json)), as: UTF8.self)
        let output = try Subprocess.output(of: python, ["-c", script], input: input)
        return try JSONDecoder().decode([String].self, from: Data(output.utf8))
    }
}
