import Mustache
import Testing

@Suite struct ReferenceTests {
    private let source = """
        {{a}} {{{b.c}}} {{! not {{x}}
        {{#s}}
          {{.}} {{^t}}{{&u}}{{/t}} {{>p}}
        {{/s}}
        """

    @Test func `every tag that names something is told in order`() throws {
        let template = try Template(source, name: "page.html")
        #expect(
            template.references.map { "\($0.line) \($0.kind) \($0.name)" } == [
                "1 variable a", "1 variable b.c", "2 section s", "3 variable .", "3 inverted t", "3 variable u",
                "3 partial p",
            ])
    }

    @Test func `the names of partials are counted in, each partial once`() throws {
        let template = try Template(source, name: "page.html")
        #expect(template.names() == ["a", "b.c", "s", ".", "t", "u"])
        let partials = try parsed(["p": "{{v}}{{>q}}", "q": "{{w}}{{>p}}{{>none}}", "r": "{{not_included}}"])
        #expect(template.names(partials: partials) == ["a", "b.c", "s", ".", "t", "u", "v", "w"])
    }
}
