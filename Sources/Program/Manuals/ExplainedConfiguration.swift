/// The keys of the example configuration, each with the comment above it.
struct ExplainedConfiguration {
    struct Key: Equatable {
        /// `smtp.port`
        let path: String
        /// As it is in the file.
        let value: String
        /// Whether it is switched off by `//`.
        let isCommentedOut: Bool
    }

    /// Keys that share a comment.
    struct Entry: Equatable {
        var keys: [Key]
        let text: String
    }

    /// The comment above all keys.
    private(set) var introduction = ""
    private(set) var entries: [Entry] = []

    private var path: [String] = []
    private var comment: [String] = []
    /// A key whose list goes over several lines, and its lines so far.
    private var list: (name: String, lines: [String])?

    init(_ json5: String) {
        for line in json5.split(separator: "\n", omittingEmptySubsequences: false) { read(String(line)) }
    }

    private mutating func read(_ line: String) {
        let words = line.drop { $0 == " " }
        if let (name, lines) = list {
            guard words.hasPrefix("]") else { return list = (name, lines + [String(words)]) }
            list = nil
            add(name, ([lines[0]] + lines.dropFirst().map { "    \($0)" } + ["]"]).joined(separator: "\n"))
        } else if words.hasPrefix("//") {
            let text = String(words.dropFirst(2).drop { $0 == " " })
            guard let (name, value) = Self.pair(text) else { return comment.append(text) }
            add(name, value, isCommentedOut: true)
        } else if words.hasPrefix("{") {
            introduction = comment.joined(separator: " ")
            comment = []
        } else if words.hasPrefix("}") {
            _ = path.popLast()
            comment = []
        } else if let (name, value) = Self.pair(String(words)) {
            if value == "{" {
                path.append(name)
            } else if value == "[" {
                list = (name, ["["])
            } else {
                add(name, value)
            }
        }
    }

    /// A key without a comment of its own belongs to the one above it.
    private mutating func add(_ name: String, _ value: String, isCommentedOut: Bool = false) {
        let key = Key(path: (path + [name]).joined(separator: "."), value: value, isCommentedOut: isCommentedOut)
        if comment.isEmpty, !entries.isEmpty {
            entries[entries.count - 1].keys.append(key)
        } else {
            entries.append(Entry(keys: [key], text: comment.joined(separator: " ")))
            comment = []
        }
    }

    /// `name: value,` in its parts; nil for a sentence.
    private static func pair(_ text: String) -> (name: String, value: String)? {
        guard let colon = text.firstIndex(of: ":") else { return nil }
        let name = text[..<colon]
        let value = text[text.index(after: colon)...].drop { $0 == " " }
        guard !name.isEmpty, name.allSatisfy({ $0.isLetter || $0.isNumber }), let first = value.first,
            "\"[{".contains(first) || first.isNumber || ["true,", "false,"].contains(value)
        else { return nil }
        return (String(name), String(value.hasSuffix(",") ? value.dropLast() : value))
    }
}
