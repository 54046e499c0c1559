import Mustache
import Testing

@Suite struct CommentAndDelimiterTests {
    @Test func `comments leave nothing behind`() throws {
        #expect(try rendered("12{{! any { } # / > text }}34") == "1234")
        #expect(try rendered("12{{!}}34") == "1234")
        #expect(try rendered("12 {{!\n over\n lines\n}} 34\n") == "12  34\n")
        #expect(try rendered("{{!name}}{{! name }}", ["name": "x", "!name": "y"]) == "")
    }

    @Test func `delimiters change from their tag on`() throws {
        #expect(try rendered("{{a}} {{=<% %>=}}<%a%> {{a}}", ["a": "x"]) == "x x {{a}}")
        #expect(try rendered("{{=| |=}}(|a|) |={{ }}=|({{a}})", ["a": "x"]) == "(x) (x)")
        #expect(try rendered("{{= \t@\n @ =}}@a@", ["a": "x"]) == "x")
        #expect(try rendered("{{=« »=}}«a»", ["a": "x"]) == "x")
    }

    @Test func `every kind of tag follows the delimiters`() throws {
        let source = "{{=[ ]=}}[#s][a][&a][{a}][/s][^s]no[/s][! note ][>p]"
        #expect(try rendered(source, ["s": true, "a": "<"], partials: ["p": "{{a}}[a]"]) == "&lt;<<&lt;[a]")
    }

    @Test func `delimiters set within a section hold after it`() throws {
        let source = "{{#s}}{{a}}{{=| |=}}|a||/s| |a|{{a}}"
        #expect(try rendered(source, ["s": ["1", "2"], "a": "x"]) == "xxxx x{{a}}")
    }

    @Test func `a partial neither takes over nor changes the delimiters`() throws {
        let partials = ["p": "{{a}}|a|{{=<% %>=}}<%a%>"]
        #expect(try rendered("{{=| |=}}|>p| |a| {{a}}", ["a": "x"], partials: partials) == "x|a|x x {{a}}")
    }

    @Test(arguments: ["{{=<%=}}", "{{==}}", "{{= =}}", "{{=a b c=}}", "{{=<%= %>=}}", "{{=<% %>}}", "{{=<% %>"])
    func `a tag that sets delimiters has to set two`(source: String) {
        #expect(failure(of: source)?.line == 1)
    }
}
