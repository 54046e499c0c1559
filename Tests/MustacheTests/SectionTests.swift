import Mustache
import Testing

@Suite struct SectionTests {
    @Test(arguments: [true, "text", ["a": "b"], [:], ["element"], [nil]] as [Value])
    func `a section is rendered over something, an inverted one is not`(value: Value) throws {
        #expect(try rendered("{{#v}}yes{{/v}}{{^v}}no{{/v}}", ["v": value]) == "yes")
    }

    @Test(arguments: [false, "", [], nil] as [Value])
    func `a section is left out over nothing, an inverted one is rendered`(value: Value) throws {
        #expect(try rendered("{{#v}}yes{{/v}}{{^v}}no{{/v}}", ["v": value]) == "no")
    }

    @Test func `a name that is missing counts as nothing`() throws {
        #expect(try rendered("{{#v}}yes{{/v}}{{^v}}no{{/v}}") == "no")
        #expect(try rendered("{{#a.b}}yes{{/a.b}}{{^a.b}}no{{/a.b}}", ["a": "x"]) == "no")
    }

    @Test func `a section over a list is rendered for each element`() throws {
        let context: Value = ["users": [["id": "ani"], ["id": "budi"]], "n": "x"]
        #expect(try rendered("{{#users}}{{id}}-{{n}} {{/users}}", context) == "ani-x budi-x ")
    }

    @Test func `a dot stands for the element, the text or the flag`() throws {
        #expect(try rendered("{{#l}}({{.}}){{/l}}", ["l": ["a", "<", true]]) == "(a)(&lt;)(true)")
        #expect(try rendered("{{#l}}({{#.}}{{.}}{{/.}}){{/l}}", ["l": [["a", "b"], ["c"], []]]) == "(ab)(c)()")
        #expect(try rendered("{{#t}}({{.}}){{/t}}", ["t": "text"]) == "(text)")
        #expect(try rendered("{{#.}}({{id}}){{/.}}", [["id": "a"], ["id": "b"]]) == "(a)(b)")
    }

    @Test func `inner names hide outer ones, and outer ones are seen where there is no inner one`() throws {
        let context: Value = ["a": "outer a", "b": "outer b", "s": ["a": "inner a", "c": nil], "c": "outer c"]
        #expect(try rendered("{{#s}}{{a}}, {{b}}, [{{c}}]{{/s}}, {{a}}", context) == "inner a, outer b, [], outer a")
    }

    @Test func `a section over a dotted name stands on what it found`() throws {
        let context: Value = ["a": ["b": ["c": "x", "l": ["1", "2"]]]]
        #expect(try rendered("{{#a.b}}{{c}}{{#l}}{{.}}{{/l}}{{/a.b}}", context) == "x12")
        #expect(try rendered("{{#a.b.c}}yes{{/a.b.c}}{{#a.x}}no{{/a.x}}{{^a.x}}none{{/a.x}}", context) == "yesnone")
    }

    @Test func `sections nest, also within themselves`() throws {
        let context: Value = ["a": true, "b": ["n": ["b": ["n": [:]]]]]
        #expect(try rendered("{{#a}}1{{#a}}2{{^a}}x{{/a}}3{{/a}}4{{/a}}", context) == "1234")
        #expect(try rendered("{{#b}}<{{#n}}{{#b}}>{{/b}}{{/n}}{{/b}}", context) == "<>")
    }

    @Test func `tags of a section may hold spaces`() throws {
        #expect(try rendered("{{# a }}x{{/\ta }}{{^ b }}y{{/ b}}", ["a": true]) == "xy")
    }

    @Test func `amid other text a section leaves every space where it is`() throws {
        #expect(try rendered(" | {{#a}}\t|\t{{/a}} | \n", ["a": true]) == " | \t|\t | \n")
        #expect(try rendered(" {{#a}}x{{/a}}\n {{^b}}y{{/b}}\n", ["a": true]) == " x\n y\n")
        #expect(try rendered("{{#a}} {{! note }} \n {{/a}}", ["a": true]) == "  \n")
    }
}
