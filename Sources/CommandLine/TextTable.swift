/// Text for people in columns, as wide as they need to be.
package enum TextTable {
    /// Wider than this no text is made to read, however wide the terminal is.
    package static let widest = 100

    /// Rows under a head.
    /// - Parameters:
    ///   - numbers: columns that are set to the right.
    ///   - width: where the last column, which is not padded, is cut; nil leaves it whole.
    package static func rows(
        _ head: [String], _ rows: [[String]], numbers: Set<Int> = [], width: Int? = nil
    ) -> String {
        let all = [head] + rows
        let widths = head.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        return all.map { row in
            let line = row.enumerated().map { column, text in
                let space = String(repeating: " ", count: widths[column] - text.count)
                if numbers.contains(column) { return space + text }
                return column == row.count - 1 ? text : text + space
            }.joined(separator: "  ")
            return width.map { cut(line, to: $0) } ?? line
        }.joined(separator: "\n")
    }

    /// Terms and what they mean, indented; what does not fit into a line goes on in the next, under its beginning.
    package static func definitions(_ pairs: [(String, String)], width: Int = widest, column: Int? = nil) -> String {
        let column = column ?? (pairs.map(\.0.count).max() ?? 0) + 4
        return pairs.map { term, meaning in
            let lines = wrap(meaning, to: max(width - column, 20))
            let first = "  " + term + String(repeating: " ", count: column - 2 - term.count)
            return first + lines.joined(separator: "\n" + String(repeating: " ", count: column))
        }.joined(separator: "\n")
    }

    /// Lines of at most `width` characters, broken between words; a word that is longer than a line is broken itself.
    package static func wrap(_ text: String, to width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ", omittingEmptySubsequences: false) {
            var word = word
            if !line.isEmpty && line.count + 1 + word.count > width {
                lines.append(line)
                line = ""
            } else if !line.isEmpty {
                line += " "
            }
            while word.count > width {
                lines.append(String(word.prefix(width)))
                word = word.dropFirst(width)
            }
            line += word
        }
        return lines + [line]
    }

    private static func cut(_ line: String, to width: Int) -> String {
        line.count <= width ? line : line.prefix(max(width - 1, 0)) + "…"
    }
}
