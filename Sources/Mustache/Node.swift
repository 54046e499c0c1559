/// A parsed template is a tree of these.
enum Node: Sendable {
    case literal(Literal)
    case variable(Variable)
    case section(Section)
    case partial(Partial)
}

/// Bytes that are written as they are.
struct Literal: Sendable {
    var bytes: [UInt8] = []
    /// Offsets into `bytes` at which a line of the source begins: an indented partial writes its indentation there. An
    /// offset equal to `bytes.count` belongs to a line that begins with a tag. Blank lines are left out.
    var lineStarts: [Int] = []
}

struct Variable: Sendable {
    let name: Name
    /// False for `{{{name}}}` and `{{&name}}`.
    let isEscaped: Bool
    let line: Int
}

struct Section: Sendable {
    let name: Name
    /// True for `{{^name}}`.
    let isInverted: Bool
    let line: Int
    var body: [Node] = []

    /// The tag as its author wrote it, for messages.
    var tag: String { (isInverted ? "{{^" : "{{#") + name.text + "}}" }
}

struct Partial: Sendable {
    let name: String
    /// Whitespace before a tag that has its line to itself; nil for a tag amid other text.
    let indentation: [UInt8]?
    let line: Int
}

/// A name as written in a tag: `user`, `user.name`, or `.` for the value that the innermost section stands on.
struct Name: Sendable {
    let text: String
    /// The parts between the dots; none for `.`.
    let segments: [String]

    /// Nil if a part between dots is empty, or if there is a space or a brace within: signs of a tag closed too late.
    init?(_ text: String) {
        let segments = text == "." ? [] : text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard segments.allSatisfy({ !$0.isEmpty }), !text.utf8.contains(where: Self.isForbidden) else { return nil }
        self.text = text
        self.segments = segments
    }

    private static func isForbidden(_ byte: UInt8) -> Bool {
        byte <= UInt8(ascii: " ") || byte == UInt8(ascii: "{") || byte == UInt8(ascii: "}")
    }
}
