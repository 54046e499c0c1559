/// A tag found in the source; `range` covers it with its delimiters.
struct Tag {
    enum Kind {
        case variable, unescaped, section, inverted, close, partial, comment, delimiters
    }

    let kind: Kind
    /// What is between the delimiters, without the sigil and the whitespace around.
    let content: String
    let range: Range<Int>
    let line: Int
}

/// Finds one tag after another, and follows the delimiters as tags change them.
struct TagScanner {
    let source: [UInt8]
    private let file: String
    private var opening: [UInt8] = Array("{{".utf8)
    private var closing: [UInt8] = Array("}}".utf8)
    private var position = 0
    private var line = 1

    init(_ source: String, file: String) {
        self.source = Array(source.utf8)
        self.file = file
    }

    /// The next tag; nil when only text is left.
    mutating func next() throws(TemplateError) -> Tag? {
        guard let start = find(opening, from: position) else { return nil }
        line = 1 + source[..<start].count { $0 == .lineFeed }
        var contentStart = start + opening.count
        let sigil = contentStart < source.count ? source[contentStart] : 0
        let kind = Tag.Kind(sigil: sigil)
        if kind != .variable { contentStart += 1 }
        let ending: [UInt8] =
            switch sigil {
            case UInt8(ascii: "{"): [UInt8(ascii: "}")] + closing
            case UInt8(ascii: "="): [UInt8(ascii: "=")] + closing
            default: closing
            }
        guard let contentEnd = find(ending, from: contentStart) else {
            let tag = String(decoding: source[start..<contentStart], as: UTF8.self)
            throw failure(
                "a tag that opens with \(tag) is never closed with \(String(decoding: ending, as: UTF8.self))")
        }
        let content = source[contentStart..<contentEnd].trimmingWhitespace()
        let tag = Tag(
            kind: kind, content: String(decoding: content, as: UTF8.self), range: start..<contentEnd + ending.count,
            line: line)
        if kind == .delimiters { try changeDelimiters(content) }
        line += source[tag.range].count { $0 == .lineFeed }
        position = tag.range.upperBound
        return tag
    }

    private mutating func changeDelimiters(_ content: ArraySlice<UInt8>) throws(TemplateError) {
        let delimiters = content.split(whereSeparator: \.isWhitespace)
        guard delimiters.count == 2, !content.contains(UInt8(ascii: "=")) else {
            throw failure("a tag that sets delimiters holds two, apart and without =, as in {{=<% %>=}}")
        }
        opening = Array(delimiters[0])
        closing = Array(delimiters[1])
    }

    private func find(_ pattern: [UInt8], from start: Int) -> Int? {
        var candidate = start
        while candidate + pattern.count <= source.count {
            if source[candidate] == pattern[0], source[candidate..<candidate + pattern.count].elementsEqual(pattern) {
                return candidate
            }
            candidate += 1
        }
        return nil
    }

    private func failure(_ sentence: String) -> TemplateError {
        TemplateError(file: file, line: line, sentence: sentence)
    }
}

extension Tag.Kind {
    fileprivate init(sigil: UInt8) {
        self =
            switch sigil {
            case UInt8(ascii: "{"), UInt8(ascii: "&"): .unescaped
            case UInt8(ascii: "#"): .section
            case UInt8(ascii: "^"): .inverted
            case UInt8(ascii: "/"): .close
            case UInt8(ascii: ">"): .partial
            case UInt8(ascii: "!"): .comment
            case UInt8(ascii: "="): .delimiters
            default: .variable
            }
    }
}

extension UInt8 {
    static let lineFeed = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")

    /// Whitespace within a line.
    var isBlank: Bool { self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") }
    var isWhitespace: Bool { isBlank || self == .lineFeed || self == .carriageReturn }
}

extension ArraySlice<UInt8> {
    fileprivate func trimmingWhitespace() -> ArraySlice<UInt8> {
        let start = drop(while: \.isWhitespace)
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return start }
        return start[...last]
    }
}
