import Mustache
import Testing

@Suite struct InterpolationTests {
    @Test func `text without tags comes out as it went in`() throws {
        for text in ["", " ", "Halo.", "baris\nbaris\r\n\tbaris", "{ { } } {x}", "café 😀 e\u{301}"] {
            #expect(try rendered(text) == text)
        }
    }

    @Test func `a tag prints its value, with or without spaces in it`() throws {
        for tag in ["{{name}}", "{{ name }}", "{{\tname\t}}", "{{\n name\r\n}}"] {
            #expect(try rendered("Yth. \(tag)!", ["name": "Sari"]) == "Yth. Sari!")
        }
    }

    @Test func `spaces around a tag stay, even on a line of its own`() throws {
        #expect(try rendered("  {{name}}  \n", ["name": "x"]) == "  x  \n")
        #expect(try rendered("  {{{name}}}\n", ["name": "x"]) == "  x\n")
        #expect(try rendered("\t{{&name}}", ["name": "x"]) == "\tx")
    }

    @Test func `two braces escape, three and an ampersand do not`() throws {
        let context: Value = ["name": "<b title=\"'\">&</b>"]
        #expect(try rendered("{{name}}", context) == "&lt;b title=&quot;&#39;&quot;&gt;&amp;&lt;/b&gt;")
        for tag in ["{{{name}}}", "{{{ name }}}", "{{&name}}", "{{& name }}"] {
            #expect(try rendered(tag, context) == "<b title=\"'\">&</b>")
        }
    }

    @Test func `a template for plain text escapes nothing`() throws {
        let context: Value = ["name": "Toko \"Sinar & Rekan\" <pusat>"]
        #expect(try rendered("{{name}}", context, escaping: .none) == "Toko \"Sinar & Rekan\" <pusat>")
    }

    @Test func `what is escaped stays so whatever surrounds it`() throws {
        #expect(try rendered("{{a}}", ["a": "é&é"]) == "é&amp;é")
        #expect(try rendered("{{a}}", ["a": "&&amp;"]) == "&amp;&amp;amp;")
        // A combining mark makes one Character of it, and another than "<".
        #expect(try rendered("{{a}}", ["a": "<\u{301}script>"]) == "&lt;\u{301}script&gt;")
    }

    @Test func `flags are printed as words, and nothing is printed for what has no text`() throws {
        #expect(try rendered("{{a}} {{b}}", ["a": true, "b": false]) == "true false")
        let context: Value = ["a": nil, "b": ["x"], "c": ["x": "y"], "e": "z"]
        #expect(try rendered("[{{a}}{{b}}{{c}}{{d}}{{e.f}}]", context) == "[]")
    }

    @Test func `a dotted name follows dictionaries`() throws {
        let context: Value = ["user": ["name": ["first": "Budi"]]]
        #expect(try rendered("{{user.name.first}} {{ user.name.first }}", context) == "Budi Budi")
        #expect(try rendered("[{{user.name.last}}{{user.age.years}}{{who.name}}]", context) == "[]")
    }

    @Test func `a dotted name is never sought as one key`() throws {
        #expect(try rendered("[{{a.b}}]", ["a.b": "x"]) == "[]")
        #expect(try rendered("{{a.b}}", ["a.b": "x", "a": ["b": "y"]]) == "y")
    }

    @Test func `the first part of a dotted name decides, even if the rest is found only further out`() throws {
        let context: Value = ["a": ["b": "outer"], "inner": ["a": ["c": "x"]]]
        #expect(try rendered("[{{#inner}}{{a.b}}{{/inner}}]", context) == "[]")
    }

    @Test func `a dot prints the value at hand`() throws {
        #expect(try rendered("{{.}} {{{.}}} {{&.}}", "<x>") == "&lt;x&gt; <x> <x>")
        #expect(try rendered("{{.}}", ["a": "x"]) == "")
    }

    @Test func `a value is never read as a template`() throws {
        let context: Value = ["a": "{{b}}{{#b}}{{/c}}{{>p}}{{=<% %>=}}", "b": "secret"]
        let source = "{{&a}} {{b}}"
        #expect(try rendered(source, context, partials: ["p": "secret"]) == "{{b}}{{#b}}{{/c}}{{>p}}{{=<% %>=}} secret")
    }

    @Test func `a context is written as literals`() {
        let count = 3
        let context: Value = ["t": "x", "n": "\(count)", "f": true, "l": ["a", ["b": nil]]]
        let expected: [String: Value] = [
            "t": .text("x"), "n": .text("3"), "f": .flag(true), "l": .list([.text("a"), .dictionary(["b": .absent])]),
        ]
        #expect(context == .dictionary(expected))
        #expect(["a": "first", "a": "last"] as Value == ["a": "last"])
    }

    @Test func `one template is rendered with many contexts, from many threads`() async throws {
        let template = try Template("{{#items}}{{.}},{{/items}}{{name}}", name: "page.html")
        await withTaskGroup(of: Bool.self) { group in
            for number in 0..<8 {
                group.addTask {
                    (0..<200).allSatisfy { _ in
                        template.render(["items": ["a", "b"], "name": "\(number)"]) == "a,b,\(number)"
                    }
                }
            }
            for await isRight in group { #expect(isRight) }
        }
    }
}
