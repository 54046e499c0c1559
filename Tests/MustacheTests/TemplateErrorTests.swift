import Mustache
import Testing

@Suite struct TemplateErrorTests {
    @Test func `a section that stays open is told with file and line`() throws {
        let found = try #require(failure(of: "<p>\n\n{{#errors}}\n{{.}}\n", file: "templates/pages/reset.html"))
        #expect("\(found)" == "templates/pages/reset.html:3: section {{#errors}} is never closed")
        #expect(failure(of: "{{#a}}{{#b}}{{/b}}")?.sentence == "section {{#a}} is never closed")
        #expect(failure(of: "{{^a}}")?.sentence == "section {{^a}} is never closed")
    }

    @Test func `a close that does not fit is told with what is open`() throws {
        let found = try #require(failure(of: "{{#errors}}\n\n{{/error}}"))
        #expect(found.line == 3)
        #expect(found.sentence == "{{/error}} does not close the section that is open, {{#errors}} of line 1")
        #expect(failure(of: "\n{{/a}}")?.description == "page.html:2: {{/a}} closes a section, but none is open")
        #expect(failure(of: "{{#a}}{{#b}}{{/a}}{{/b}}")?.sentence.contains("{{#b}} of line 1") == true)
    }

    @Test func `a tag that stays open is told at its beginning`() throws {
        let found = try #require(failure(of: "1\r\n2\r\n{{name\r\n4"))
        #expect("\(found)" == "page.html:3: a tag that opens with {{ is never closed with }}")
        #expect(failure(of: "{{{name}}")?.sentence == "a tag that opens with {{{ is never closed with }}}")
        #expect(failure(of: "{{=<% %>=}}<%name}}")?.sentence == "a tag that opens with <% is never closed with %>")
        #expect(failure(of: "{{!")?.line == 1)
        #expect(failure(of: "{{")?.line == 1)
    }

    @Test(arguments: ["{{}}", "{{ }}", "{{#}}x{{/}}", "{{^ }}", "{{&}}", "{{{}}}", "{{>}}", "{{> \n}}"])
    func `a tag without name is refused`(source: String) {
        #expect(failure(of: source)?.line == 1)
    }

    @Test(arguments: ["{{a b}}", "{{a.}}", "{{.a}}", "{{a..b}}", "{{..}}", "{{#a b}}{{/a b}}", "{{name} and {{other}}"])
    func `what cannot be a name is refused`(source: String) {
        #expect(failure(of: "\n" + source)?.line == 2)
    }

    @Test func `lines are counted through comments, tags of several lines and standalone lines`() {
        let before = "{{! one\ntwo }}\n{{#a}}\n{{\nb\n}}\n{{/a}}\r\n{{=<% %>=}}\n{{ not a tag }}\n"
        #expect(failure(of: before + "<%#x%>")?.line == 10)
    }

    @Test func `sections nest 50 deep and no deeper`() {
        let opened = { (count: Int) in (1...count).map { "{{#s\($0)}}\n" }.joined() }
        let closed = { (count: Int) in (1...count).reversed().map { "{{/s\($0)}}\n" }.joined() }
        #expect(failure(of: opened(50) + closed(50)) == nil)
        #expect(failure(of: opened(51) + closed(51))?.line == 51)
    }

    @Test func `time grows with the size, not faster`() throws {
        let count = 5_000
        let source = String(repeating: "  {{#a}}\n{{b}} {{! c }}  {{/a}}\n", count: count)
        let template = try Template(source, name: "page.html")
        #expect(template.render(["a": true, "b": "x"]).utf8.count == count * "x   \n".utf8.count)
        let list = Value.list(Array(repeating: "<", count: 50_000))
        #expect(try rendered("{{#.}}{{.}}{{/.}}", list).utf8.count == 200_000)
        #expect(failure(of: String(repeating: "{", count: 100_000)) != nil)
        #expect(try rendered(String(repeating: " ", count: 100_000)).utf8.count == 100_000)
    }
}
