import Domain

/// Comma-separated values (RFC 4180) as spreadsheets write them: separated by commas, semicolons or tabs, fields quoted
/// where they hold those, quotes or line breaks.
struct CSV: Equatable {
    struct Record: Equatable {
        /// The line it starts on, from 1.
        let line: Int
        /// Without white space around them.
        let fields: [String]
        /// What is wrong with the quotes in it.
        var problem: String?
    }

    let separator: Character
    /// Records that hold anything.
    let records: [Record]

    private static let separators: [Character] = [",", ";", "\t"]

    init(_ text: String) {
        var text = Array(text.unicodeScalars)[...]
        var line = 1
        if let announced = Self.announcedSeparator(&text) {
            separator = announced
            line = 2
        } else {
            separator = Self.likelySeparator(text)
        }
        var parser = Parser(text, separator: separator, line: line)
        records = parser.records()
    }

    /// Excel's own first line, `sep=;`.
    private static func announcedSeparator(_ text: inout ArraySlice<Unicode.Scalar>) -> Character? {
        let line = text.prefix { !isLineEnd($0) }
        let letters = line.filter { $0 != "\"" }
        guard letters.count >= 5, String(String.UnicodeScalarView(letters.prefix(4))).lowercased() == "sep=" else {
            return nil
        }
        let rest = text.dropFirst(line.count)
        text = rest.dropFirst(rest.starts(with: ["\r", "\n"]) ? 2 : 1)
        return Character(letters[letters.startIndex + 4])
    }

    /// The one that the first line has most of, outside quotes.
    private static func likelySeparator(_ text: ArraySlice<Unicode.Scalar>) -> Character {
        var counts: [Character: Int] = [:]
        var isQuoted = false
        for scalar in text.drop(while: \.properties.isWhitespace) {
            if scalar == "\"" { isQuoted.toggle() }
            if isQuoted { continue }
            if isLineEnd(scalar) { break }
            counts[Character(scalar), default: 0] += 1
        }
        return separators.max { counts[$0, default: 0] < counts[$1, default: 0] }
            .flatMap { counts[$0, default: 0] > 0 ? $0 : nil } ?? ","
    }

    fileprivate static func isLineEnd(_ scalar: Unicode.Scalar) -> Bool { scalar == "\n" || scalar == "\r" }

    /// A field as it is written: quoted where it has to be.
    static func field(_ text: String, separator: Character) -> String {
        let isPlain = text.unicodeScalars.allSatisfy { Character($0) != separator && $0 != "\"" && !isLineEnd($0) }
        return isPlain ? text : "\"\(text.replacing("\"", with: "\"\""))\""
    }
}

private struct Parser {
    private var rest: ArraySlice<Unicode.Scalar>
    private let separator: Unicode.Scalar
    private var line: Int

    private var start: Int
    private var fields: [String] = []
    private var field = String.UnicodeScalarView()
    private var problem: String?

    init(_ text: ArraySlice<Unicode.Scalar>, separator: Character, line: Int) {
        rest = text
        self.separator = separator.unicodeScalars.first ?? ","
        self.line = line
        start = line
    }

    mutating func records() -> [CSV.Record] {
        var records: [CSV.Record] = []
        while !rest.isEmpty {
            start = line
            (fields, problem) = ([], nil)
            readRecord()
            if !fields.allSatisfy(\.isEmpty) || problem != nil {
                records.append(CSV.Record(line: start, fields: fields, problem: problem))
            }
        }
        return records
    }

    private mutating func readRecord() {
        while true {
            readField()
            fields.append(CanonicalText.trimmed(String(field)))
            field = String.UnicodeScalarView()
            guard let end = rest.popFirst(), end != separator else {
                if rest.isEmpty && !(fields.isEmpty) { return }
                continue
            }
            if end == "\r", rest.first == "\n" { rest.removeFirst() }
            line += 1
            return
        }
    }

    /// Reads up to a separator, a line end or the end.
    private mutating func readField() {
        while let next = rest.first, next.properties.isWhitespace, next != separator, !CSV.isLineEnd(next) {
            rest.removeFirst()
        }
        let isQuoted = rest.first == "\""
        if isQuoted { readQuoted() }
        while let next = rest.first, next != separator, !CSV.isLineEnd(next) {
            if isQuoted && !next.properties.isWhitespace { problem = "there is text after a closing quote" }
            field.append(next)
            rest.removeFirst()
        }
    }

    private mutating func readQuoted() {
        rest.removeFirst()
        while let next = rest.popFirst() {
            if next == "\"" {
                guard rest.first == "\"" else { return }
                rest.removeFirst()
            }
            if next == "\n" || next == "\r" && rest.first != "\n" { line += 1 }
            field.append(next)
        }
        problem = "a quote is never closed: all that follows was read as one field"
    }
}
