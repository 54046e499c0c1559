import Mustache
import Testing

/// Lines that hold one tag and blanks leave nothing behind.
@Suite struct StandaloneTests {
    @Test(arguments: ["\n", "\r\n"]) func `lines of section tags vanish with their ending`(ending: String) throws {
        let source = ["<ul>", "{{#l}}", "  <li>{{.}}</li>", "{{/l}}", "{{^l}}", "none", "{{/l}}", "</ul>", ""]
        let expected = ["<ul>", "  <li>a</li>", "  <li>b</li>", "</ul>", ""]
        let text = source.joined(separator: ending)
        #expect(try rendered(text, ["l": ["a", "b"]]) == expected.joined(separator: ending))
    }

    @Test(arguments: ["{{#a}}", "{{^b}}", "{{! note }}", "{{!\n note\n}}", "{{=<% %>=}}", "{{>p}}"])
    func `blanks on either side vanish too`(tag: String) throws {
        let close = tag.contains("#") ? "{{/a}}" : tag.contains("^") ? "{{/b}}" : ""
        for blanks in ["", " ", "\t", " \t "] {
            for ending in ["\n", "\r\n"] {
                let source = "1\(ending)\(blanks)\(tag)\(blanks)\(ending)2\(close)"
                #expect(try rendered(source, ["a": true], partials: ["p": ""]) == "1\(ending)2")
            }
        }
    }

    @Test func `the first line and the last, without ending, count as well`() throws {
        #expect(try rendered("  {{#a}}\nx\n  {{/a}}", ["a": true]) == "x\n")
        #expect(try rendered("{{#a}}\r\nx\r\n{{/a}}", ["a": true]) == "x\r\n")
        #expect(try rendered("x\n  {{! note }}  ") == "x\n")
        #expect(try rendered("  {{>p}}", partials: ["p": "y"]) == "  y")
    }

    @Test func `a line with anything else keeps all it has`() throws {
        #expect(try rendered("  12 {{! note }}\n") == "  12 \n")
        #expect(try rendered("{{! note }} 12\n") == " 12\n")
        #expect(try rendered("{{! one }} {{! two }}\n") == " \n")
        #expect(try rendered(" {{#a}}{{/a}} \n", ["a": true]) == "  \n")
        #expect(try rendered("{{#a}}\n{{b}} {{/a}}\n", ["a": true, "b": "x"]) == "x \n")
    }

    @Test func `a tag over several lines makes neither of its neighbours stand alone`() throws {
        #expect(try rendered("{{! a\n b }} {{! c }}\nx") == " \nx")
        #expect(try rendered("x {{! a\n b }}\ny") == "x \ny")
    }

    @Test func `a carriage return by itself ends no line`() throws {
        #expect(try rendered("{{! note }}\rx") == "\rx")
        #expect(try rendered("x\r{{! note }}\ny") == "x\r\ny")
    }

    @Test func `blank lines around stay`() throws {
        #expect(try rendered("\n\n{{#a}}\n\n{{/a}}\n\n", ["a": true]) == "\n\n\n\n")
        #expect(try rendered("{{#a}}\n\n{{/a}}\n", ["a": false]) == "")
    }
}
