import Mustache
import Testing

@Suite struct ProblemTests {
    private func problems(
        _ source: String, against sample: Value, partials: [String: String] = [:]
    ) throws -> [String] {
        let template = try Template(source, name: "page.html")
        return template.problems(against: sample, partials: try parsed(partials)).map(\.description)
    }

    @Test func `a template that fits has no problems`() throws {
        let source = """
            {{a}} {{{b.c}}} {{#l}}{{.}}{{/l}} {{#d}}{{e}}{{a}}{{/d}} {{^f}}{{a}}{{/f}} {{#t}}{{.}}{{/t}} {{g}} {{>p}}
            """
        let sample: Value = [
            "a": "x", "b": ["c": "x"], "l": ["x"], "d": ["e": "x"], "f": true, "t": "x", "g": nil,
        ]
        #expect(try problems(source, against: sample, partials: ["p": "{{a}}"]) == [])
    }

    @Test func `an unknown name is told with place and the nearest known name`() throws {
        let sample: Value = ["user_id": "x", "link": "x"]
        #expect(
            try problems("1\n2 {{user_ID}}\n{{usr_id}}\n{{colour}}\n", against: sample) == [
                "page.html:2: user_ID is not known here; did you mean user_id?",
                "page.html:3: usr_id is not known here; did you mean user_id?",
                "page.html:4: colour is not known here",
            ])
    }

    @Test func `a problem can be taken apart`() throws {
        let template = try Template("\n{{lnik}}", name: "mail.txt")
        let problem = try #require(template.problems(against: ["link": "x"]).first)
        #expect(problem.kind == .unknownName)
        #expect(problem.file == "mail.txt")
        #expect(problem.line == 2)
        #expect(problem.name == "lnik")
        #expect(problem.suggestion == "link")
    }

    @Test func `dotted names are told with the part that is wrong put right`() throws {
        let sample: Value = ["user": ["name": ["first": "x"]], "flag": true]
        #expect(
            try problems("{{usr.name.first}}{{user.nam.first}}{{user.name.frist}}{{flag.x}}", against: sample) == [
                "page.html:1: usr.name.first is not known here; did you mean user.name.first?",
                "page.html:1: user.nam.first is not known here; did you mean user.name.first?",
                "page.html:1: user.name.frist is not known here; did you mean user.name.first?",
                "page.html:1: flag.x is not known here",
            ])
    }

    @Test(arguments: [true, false, nil, "", "x"] as [Value])
    func `both branches are walked whatever the sample holds`(value: Value) throws {
        #expect(
            try problems("{{#v}}{{aa}}{{/v}}{{^v}}{{bb}}{{/v}}", against: ["v": value]) == [
                "page.html:1: aa is not known here", "page.html:1: bb is not known here",
            ])
    }

    @Test func `names are sought where they stand`() throws {
        let sample: Value = ["items": [["title": "x"]], "title_of_page": "x"]
        #expect(try problems("{{#items}}{{title}}{{title_of_page}}{{/items}}", against: sample) == [])
        #expect(
            try problems("{{^items}}{{title}}{{/items}}", against: sample) == ["page.html:1: title is not known here"])
    }

    @Test func `each element of a list must have the name, and one line is told once`() throws {
        let sample: Value = ["l": [["a": "x"], ["b": "x"], ["b": "x"]]]
        #expect(
            try problems("{{#l}}{{a}}{{/l}}", against: sample) == ["page.html:1: a is not known here; did you mean b?"])
    }

    @Test func `a section over an unknown name is a problem, and so is what it holds`() throws {
        #expect(
            try problems("{{#missing}}{{other}}{{/missing}}{{^absent}}{{/absent}}", against: ["a": "x"]) == [
                "page.html:1: missing is not known here", "page.html:1: other is not known here",
                "page.html:1: absent is not known here",
            ])
    }

    @Test func `a misspelt section is walked as the one that was meant`() throws {
        let sample: Value = ["errors": [["message": "x"]]]
        #expect(
            try problems("{{#erors}}{{message}}{{masage}}{{/erors}}", against: sample) == [
                "page.html:1: erors is not known here; did you mean errors?",
                "page.html:1: masage is not known here; did you mean message?",
            ])
    }

    @Test func `a list or dictionary that is printed, and an empty sample list, are problems`() throws {
        let sample: Value = ["l": ["x"], "d": ["a": "x"], "none": []]
        #expect(
            try problems("{{l}}\n{{d}}\n{{#none}}{{/none}}\n{{.}}", against: sample) == [
                "page.html:1: l is a list or a dictionary and cannot be printed",
                "page.html:2: d is a list or a dictionary and cannot be printed",
                "page.html:3: none is an empty list in the sample, so that its section cannot be checked",
                "page.html:4: . is a list or a dictionary and cannot be printed",
            ])
    }

    @Test func `partials are walked in the context at hand and told by their own file`() throws {
        let partials = ["row": "\n{{id}}{{nam}}", "frame": "{{>row}}"]
        let sample: Value = ["rows": [["id": "x", "name": "x"]]]
        #expect(
            try problems("{{#rows}}{{>frame}}{{/rows}}", against: sample, partials: partials) == [
                "row.html:2: nam is not known here; did you mean name?"
            ])
    }

    @Test func `a missing partial is told with the nearest`() throws {
        #expect(
            try problems("{{>heder}}\n{{>zzz}}", against: [:], partials: ["header": "", "footer": ""]) == [
                "page.html:1: there is no partial heder; did you mean header?",
                "page.html:2: there is no partial zzz",
            ])
    }

    @Test func `a partial that follows a tree is fine, one that goes in circles is told`() throws {
        let tree: Value = ["name": "x", "parts": [["name": "x", "parts": nil]], "flag": true]
        let finite = ["n": "{{name}}{{#parts}}{{>n}}{{/parts}}"]
        #expect(try problems("{{>n}}", against: tree, partials: finite) == [])
        #expect(
            try problems("{{>p}}", against: tree, partials: ["p": "{{>q}}", "q": "\n{{#flag}}{{>p}}{{/flag}}"]) == [
                "q.html:2: partial p includes itself without end"
            ])
    }

    @Test(arguments: [
        ("link", "Link", "Link"), ("lnik", "link", "link"), ("lin", "link", "link"), ("linkk", "link", "link"),
        ("userid", "user_id", "user_id"), ("expires", "expiry", "expiry"), ("link", "name", nil), ("a", "bcd", nil),
    ])
    func `a name is near within a third of its length`(name: String, known: String, expected: String?) throws {
        let template = try Template("{{\(name)}}", name: "page.html")
        #expect(template.problems(against: .dictionary([known: "x"])).map(\.suggestion) == [expected])
    }

    @Test func `the nearest of several is told`() throws {
        let template = try Template("{{user_nam}}", name: "page.html")
        let sample: Value = ["user_id": "x", "user_name": "x", "username": "x"]
        #expect(template.problems(against: sample).first?.suggestion == "user_name")
    }
}
