import Testing

@testable import CommandLine

/// Man pages that are written in Markdown.
@Suite("Manual source")
struct ManualSourceTests {
    private func read(_ body: String) -> [MarkdownBlock]? { ManualSource("# odd(7): an odd page\n\n\(body)")?.blocks }

    @Test("The title says name, section and purpose; without it there is no page")
    func title() throws {
        let source = try #require(ManualSource("# odd-page(7): a page: odd\n"))
        #expect(source.title == "odd-page" && source.section == 7 && source.purpose == "a page: odd")
        #expect(source.blocks.isEmpty)
        for text in ["", "odd(7): a page", "# odd: a page", "# odd(9): a page", "# odd(7):", "\n# odd(7): a page"] {
            #expect(ManualSource(text) == nil, "\(text)")
        }
    }

    @Test("Lines go on until an empty line or another block")
    func lines() {
        #expect(
            read("## One\none\ntwo\n\nthree\n### Two\n") == [
                .heading("One"), .paragraph("one two"), .paragraph("three"), .subheading("Two"),
            ])
        #expect(read("- one\n  two\n- three\n\nfour") == [.point("one two"), .point("three"), .paragraph("four")])
    }

    @Test("A table is rows of cells; code stays as it is")
    func tablesAndCode() {
        let rows = [["Key", "Meaning"], ["`a`", "one  two"], ["`b`", ""]]
        #expect(read("| Key | Meaning |\n|---|:--|\n| `a` | one  two |\n| `b` | |\n") == [.table(rows)])
        #expect(read("```sh\n# a  \n\n| b |\n```\nc") == [.code(["# a  ", "", "| b |"]), .paragraph("c")])
    }

    @Test("Each block becomes its macro, and a table's row an item")
    func macros() throws {
        let text = """
            # odd(7): an odd page

            ## Things

            **Bold** and `code`.

            - A point

            | Key | Meaning | If lost |
            |---|---|---|
            | `a`, `b` | one | two |
            | `c` | one | |

            ### Part

            ```
            a-b
            ```
            """
        let page = try #require(ManualSource(text)).page(program: "pulih", version: "1", name: "Pulih")
        let body = page.split(separator: ".SH THINGS\n").last
        #expect(
            body == #"""
                \fBBold\fR and \fBcode\fR.
                .IP \(bu 2
                A point
                .TP
                \fBa, b\fR
                meaning: one; if lost: two
                .TP
                \fBc\fR
                meaning: one
                .SS Part
                .IP
                .nf
                a\-b
                .fi
                """#)
    }
}
