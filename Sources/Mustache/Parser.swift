/// Turns a template's source into nodes: nests the sections, and takes away the lines that hold one tag and nothing else.
struct Parser {
    /// Rendering recurses once for each; nobody writes as many.
    static let deepestSection = 50

    private let file: String
    private var scanner: TagScanner
    private var literal = Literal()
    /// Nodes of the innermost open section, or of the template.
    private var nodes: [Node] = []
    /// Sections that are open, each with the nodes that came before it in its parent.
    private var open: [(section: Section, before: [Node])] = []

    private var source: [UInt8] { scanner.source }

    init(_ source: String, file: String) {
        self.file = file
        scanner = TagScanner(source, file: file)
    }

    mutating func parse() throws(TemplateError) -> [Node] {
        var position = 0
        while let tag = try scanner.next() {
            if let line = standaloneLine(around: tag) {
                appendText(position..<line.lowerBound)
                try append(tag, indentation: Array(source[line.lowerBound..<tag.range.lowerBound]))
                position = line.upperBound
            } else {
                appendText(position..<tag.range.lowerBound)
                if startsLine(tag.range.lowerBound) { literal.lineStarts.append(literal.bytes.count) }
                try append(tag, indentation: nil)
                position = tag.range.upperBound
            }
        }
        appendText(position..<source.count)
        endLiteral()
        if let (section, _) = open.last {
            throw failure(section.line, "section \(section.tag) is never closed")
        }
        return nodes
    }

    /// The whole line, with its ending, of a tag that prints nothing by itself and shares the line with blanks only.
    private func standaloneLine(around tag: Tag) -> Range<Int>? {
        guard tag.kind != .variable, tag.kind != .unescaped else { return nil }
        var start = tag.range.lowerBound
        while start > 0, source[start - 1].isBlank { start -= 1 }
        var end = tag.range.upperBound
        while end < source.count, source[end].isBlank { end += 1 }
        guard startsLine(start), let next = lineEnding(at: end) else { return nil }
        return start..<next
    }

    private func startsLine(_ position: Int) -> Bool {
        position == 0 || source[position - 1] == .lineFeed
    }

    /// The position after the line ending that stands at `position`; nil if there is none.
    private func lineEnding(at position: Int) -> Int? {
        let rest = source[position...].prefix(2)
        if rest.isEmpty { return position }
        if rest.first == .lineFeed { return position + 1 }
        return rest.elementsEqual([.carriageReturn, .lineFeed]) ? position + 2 : nil
    }

    private mutating func appendText(_ range: Range<Int>) {
        for position in range where startsLine(position) && lineEnding(at: position) == nil {
            literal.lineStarts.append(literal.bytes.count + position - range.lowerBound)
        }
        literal.bytes += source[range]
    }

    private mutating func endLiteral() {
        guard !literal.bytes.isEmpty || !literal.lineStarts.isEmpty else { return }
        nodes.append(.literal(literal))
        literal = Literal()
    }

    private mutating func append(_ tag: Tag, indentation: [UInt8]?) throws(TemplateError) {
        switch tag.kind {
        case .comment, .delimiters:
            return
        case .variable, .unescaped:
            let variable = Variable(name: try name(in: tag), isEscaped: tag.kind == .variable, line: tag.line)
            endLiteral()
            nodes.append(.variable(variable))
        case .section, .inverted:
            try openSection(tag)
        case .close:
            try closeSection(tag)
        case .partial:
            guard !tag.content.isEmpty, !tag.content.utf8.contains(where: \.isWhitespace) else {
                throw failure(tag.line, "{{>\(tag.content)}} is not the name of a partial")
            }
            endLiteral()
            nodes.append(.partial(Partial(name: tag.content, indentation: indentation, line: tag.line)))
        }
    }

    private mutating func openSection(_ tag: Tag) throws(TemplateError) {
        let section = Section(name: try name(in: tag), isInverted: tag.kind == .inverted, line: tag.line)
        guard open.count < Self.deepestSection else {
            throw failure(tag.line, "section \(section.tag) is nested deeper than \(Self.deepestSection) levels")
        }
        endLiteral()
        open.append((section, nodes))
        nodes = []
    }

    private mutating func closeSection(_ tag: Tag) throws(TemplateError) {
        endLiteral()
        guard var (section, before) = open.popLast() else {
            throw failure(tag.line, "{{/\(tag.content)}} closes a section, but none is open")
        }
        guard section.name.text == tag.content else {
            let opened = "\(section.tag) of line \(section.line)"
            throw failure(tag.line, "{{/\(tag.content)}} does not close the section that is open, \(opened)")
        }
        section.body = nodes
        before.append(.section(section))
        nodes = before
    }

    private func name(in tag: Tag) throws(TemplateError) -> Name {
        guard !tag.content.isEmpty else { throw failure(tag.line, "a tag holds no name") }
        guard let name = Name(tag.content) else {
            throw failure(tag.line, "\"\(tag.content)\" is not a name; a tag may lack its end")
        }
        return name
    }

    private func failure(_ line: Int, _ sentence: String) -> TemplateError {
        TemplateError(file: file, line: line, sentence: sentence)
    }
}
