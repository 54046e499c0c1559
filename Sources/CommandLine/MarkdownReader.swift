/// A block of a page.
enum MarkdownBlock: Equatable, Sendable {
    case heading(String)
    case subheading(String)
    case paragraph(String)
    /// One of a list.
    case point(String)
    /// Rows of cells; the first row is the head.
    case table([[String]])
    case code([String])
}

/// Reads the blocks of a page line by line.
struct MarkdownReader {
    private(set) var blocks: [MarkdownBlock] = []
    /// Whether the next line may go on with the last block.
    private var isOpen = false
    private var isCode = false

    mutating func read(_ line: Substring) {
        if line.hasPrefix("```") {
            isCode.toggle()
            if isCode { blocks.append(.code([])) }
            isOpen = false
        } else if isCode {
            goOn(with: line)
        } else if line.allSatisfy({ $0 == " " }) {
            isOpen = false
        } else if line.hasPrefix("## ") {
            blocks.append(.heading(String(line.dropFirst(3))))
            isOpen = false
        } else if line.hasPrefix("### ") {
            blocks.append(.subheading(String(line.dropFirst(4))))
            isOpen = false
        } else if line.hasPrefix("- ") {
            begin(.point(String(line.dropFirst(2))))
        } else if isOpen {
            goOn(with: line)
        } else if line.hasPrefix("|") {
            begin(.table([Self.cells(line)]))
        } else {
            begin(.paragraph(String(line)))
        }
    }

    private mutating func begin(_ block: MarkdownBlock) {
        blocks.append(block)
        isOpen = true
    }

    private mutating func goOn(with line: Substring) {
        let words = line.drop { $0 == " " }
        switch blocks.removeLast() {
        case .paragraph(let text): blocks.append(.paragraph("\(text) \(words)"))
        case .point(let text): blocks.append(.point("\(text) \(words)"))
        case .table(let rows): blocks.append(.table(rows + (Self.isRule(line) ? [] : [Self.cells(line)])))
        case .code(let lines): blocks.append(.code(lines + [String(line)]))
        case let other: blocks.append(other)
        }
    }

    /// The line between a table's head and its rows.
    private static func isRule(_ line: Substring) -> Bool { line.allSatisfy { "|-: ".contains($0) } }

    /// What is between the bars; a bar within a cell is not provided for.
    private static func cells(_ line: Substring) -> [String] {
        line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast().map { cell in
            let words = cell.drop { $0 == " " }
            return String(words.reversed().drop { $0 == " " }.reversed())
        }
    }
}
