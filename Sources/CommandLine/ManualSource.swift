/// A man page that is written in Markdown, of which it needs little: a title `# NAME(SECTION): PURPOSE`, headings (`##`,
/// `###`), paragraphs, lists (`- `), tables, code between fences, and in running text `code` and **bold**.
package struct ManualSource: Sendable {
    package let title: String
    package let section: Int
    package let purpose: String
    let blocks: [MarkdownBlock]

    /// Nil for a text without such a title.
    package init?(_ text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard let head = lines.first?.wholeMatch(of: /# ([a-z0-9.-]+)\(([1-8])\): (.+)/),
            let section = Int(head.output.2)
        else { return nil }
        title = String(head.output.1)
        self.section = section
        purpose = String(head.output.3)
        var reader = MarkdownReader()
        for line in lines.dropFirst() { reader.read(line) }
        blocks = reader.blocks
    }

    /// The page in the macros of man(7).
    /// - Parameters:
    ///   - program: the program that the page belongs to.
    ///   - name: as prose calls the program.
    package func page(program: String, version: String, name: String) -> String {
        var page = ManualPage(
            title: title, section: section, purpose: purpose, program: program, version: version, name: name)
        for block in blocks {
            switch block {
            case .heading(let words): page.heading(words)
            case .subheading(let words): page.subheading(words)
            case .paragraph(let words): page.paragraph(words)
            case .point(let words): page.point(words)
            case .table(let rows): Self.write(rows, to: &page)
            case .code(let lines): page.literal(lines.joined(separator: "\n"))
            }
        }
        return page.text
    }

    /// Each row becomes an item: its first cell is the term. Of several further cells each is told with its column's head.
    private static func write(_ rows: [[String]], to page: inout ManualPage) {
        guard let head = rows.first else { return }
        for row in rows.dropFirst() {
            let told = zip(head, row).dropFirst().filter { !$0.1.isEmpty }
            let words = head.count == 2 ? told.map(\.1) : told.map { "\($0.0.lowercased()): \($0.1)" }
            page.item([row[0].filter { $0 != "`" }], words.joined(separator: "; "))
        }
    }
}
