import Foundation
import Mustache
import Threading
import Testing

@Suite struct PartialTests {
    @Test func `a partial is rendered in place, with the context at hand`() throws {
        #expect(try rendered("[{{>p}}]", ["a": "x"], partials: ["p": "{{a}}"]) == "[x]")
        #expect(try rendered("{{#l}}{{> p }}{{/l}}", ["l": ["1", "2"]], partials: ["p": "<{{.}}>"]) == "<1><2>")
        #expect(try rendered("{{>mail/frame}}", partials: ["mail/frame": "x"]) == "x")
    }

    @Test func `an unknown partial prints nothing`() throws {
        #expect(try rendered("[{{>p}}]") == "[]")
        #expect(try rendered("1\n  {{>p}}\n2") == "1\n2")
    }

    @Test func `the template that is rendered decides on escaping, not its partials`() throws {
        let partials = ["p": try Template("{{a}}", name: "p.txt", escaping: .none)]
        #expect(try Template("{{>p}}", name: "page.html").render(["a": "<"], partials: partials) == "&lt;")
    }

    @Test(arguments: ["\n", "\r\n"])
    func `a partial on a line of its own is indented as its tag is`(ending: String) throws {
        let source = ["<ul>", "  {{>p}}", "</ul>", ""].joined(separator: ending)
        let partial = ["<li>", "  {{a}}", "</li>", ""].joined(separator: ending)
        let expected = ["<ul>", "  <li>", "    x", "  </li>", "</ul>", ""].joined(separator: ending)
        #expect(try rendered(source, ["a": "x"], partials: ["p": partial]) == expected)
    }

    @Test func `lines that begin with a tag are indented, blank lines are not`() throws {
        let partials = ["p": "{{a}}\n\n{{a}}{{a}}\r\n\r\n|"]
        #expect(try rendered(" {{>p}}\n", ["a": "x"], partials: partials) == " x\n\n xx\r\n\r\n |")
    }

    @Test func `lines of a value are not indented`() throws {
        #expect(try rendered("  {{>p}}\n", ["a": "1\n2"], partials: ["p": "|\n{{&a}}\n|\n"]) == "  |\n  1\n2\n  |\n")
    }

    @Test func `a partial amid other text is not indented`() throws {
        #expect(try rendered("  {{>p}} |\n", partials: ["p": "1\n2"]) == "  1\n2 |\n")
        #expect(try rendered("  {{a}}{{>p}}\n", partials: ["p": "1\n2"]) == "  1\n2\n")
    }

    @Test func `indentation adds up from partial to partial and ends with each`() throws {
        let partials = ["outer": "o\n  {{>inner}}\no {{>inner}}\n", "inner": "i\n{{#l}}\n{{.}}\n{{/l}}\n"]
        let expected = " o\n   i\n   1\n   2\n o i\n1\n2\n\nx"
        #expect(try rendered(" {{>outer}}\nx", ["l": ["1", "2"]], partials: partials) == expected)
    }

    @Test func `standalone lines of an indented partial vanish`() throws {
        let partials = ["p": "{{#l}}\n{{! note }}\n- {{.}}\n{{/l}}\n"]
        #expect(try rendered("\t{{>p}}\n", ["l": ["1", "2"]], partials: partials) == "\t- 1\n\t- 2\n")
    }

    @Test func `a partial may include itself to follow a tree`() throws {
        let tree: Value = [
            "name": "a",
            "parts": [["name": "b", "parts": [["name": "c", "parts": []]]], ["name": "d", "parts": []]],
        ]
        let inline = ["n": "{{name}}({{#parts}}{{>n}}{{/parts}})"]
        #expect(try rendered("{{>n}}", tree, partials: inline) == "a(b(c())d())")
        let lines = ["n": "{{name}}\n{{#parts}}\n  {{>n}}\n{{/parts}}\n"]
        #expect(try rendered("{{>n}}", tree, partials: lines) == "a\n  b\n    c\n  d\n")
    }

    @Test func `partials that include each other without end are cut at 100 levels`() throws {
        #expect(try rendered("{{>p}}", partials: ["p": "x{{>p}}"]) == String(repeating: "x", count: 100))
        let pair = ["p": "x{{>q}}", "q": "y{{>p}}"]
        #expect(try rendered("{{>p}}", partials: pair) == String(repeating: "xy", count: 50))
    }

    @Test func `endless partials that branch are cut as soon`() throws {
        let text = try rendered("{{>p}}", ["l": ["1", "2", "3"]], partials: ["p": "x{{#l}}{{>p}}{{>p}}{{/l}}"])
        #expect(text == String(repeating: "x", count: 50))
    }

    @Test func `a cut concerns one rendering only`() throws {
        let template = try Template("{{>p}}", name: "page.html")
        let endless = try parsed(["p": "x{{>p}}"])
        let first = template.render([:], partials: endless)
        #expect(template.render([:], partials: endless) == first)
    }

    @Test func `the deepest rendering fits a stack of half a megabyte`() throws {
        let names = (0..<50).map { "s\($0)" }
        let source = names.map { "{{#\($0)}}" }.joined() + "x{{>p}}" + names.reversed().map { "{{/\($0)}}" }.joined()
        let context = Value.dictionary(Dictionary(uniqueKeysWithValues: names.map { ($0, true) }))
        let template = try Template("{{>p}}", name: "page.html")
        let partials = try parsed(["p": source])
        let length = Monitor(0)
        let done = DispatchSemaphore(value: 0)
        let thread = Thread { @Sendable in
            length.withLock { $0 = template.render(context, partials: partials).utf8.count }
            done.signal()
        }
        thread.stackSize = 512 << 10
        thread.start()
        done.wait()
        #expect(length.withLock { $0 } == 2)
    }
}
