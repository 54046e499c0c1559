import Mustache
import Testing

@Suite struct TemplateLoaderTests {
    private let files = [
        "pages/a.html": "{{> parts/one}}", "pages/parts/one.html": "1{{> two}}{{> parts/one}}", "pages/two.html": "2",
        "pages/b.html": "{{> none}}\n{{> broken}}", "pages/broken.html": "{{#open}}", "pages/unused.html": "{{#open}}",
    ]

    @Test func `partials are found by what includes them, each once`() throws {
        var loader = TemplateLoader { files[$0] }
        let page = loader.template("pages/a.html")
        let template = try #require(page)
        let partials = loader.partials(of: [template], in: "pages/", ending: ".html")
        #expect(partials.keys.sorted() == ["parts/one", "two"])
        #expect(partials["two"]?.name == "pages/two.html")
        #expect(loader.problems.isEmpty)
    }

    @Test func `every file that is missing or no template is told`() throws {
        var loader = TemplateLoader { files[$0] }
        #expect(loader.template("pages/c.html") == nil)
        let page = loader.template("pages/b.html")
        let template = try #require(page)
        #expect(loader.partials(of: [template], in: "pages/", ending: ".html").isEmpty)
        #expect(loader.problems.count == 3)
        #expect(loader.problems.contains("pages/c.html: the file is missing or not UTF-8"))
        #expect(loader.problems.contains("pages/b.html:1: there is no partial none"))
        #expect(loader.problems.contains { $0.hasPrefix("pages/broken.html:1") })
    }
}
