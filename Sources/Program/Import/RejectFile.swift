import CommandLine

/// The bad lines of an import with what is wrong with each, as a table that can be mended and imported in its turn.
enum RejectFile {
    /// - Throws: `CommandError`, also when there is such a file already.
    static func write(_ path: String, _ file: AccountFile) throws {
        let output = try OutputFile(new: path)
        // Programs that write another encoding need the mark to read UTF-8.
        let mark = file.isPlain ? "" : "\u{FEFF}"
        try output.line(mark + line(["line", "reason"] + file.headings, file))
        for bad in file.badLines {
            try output.line(line(["\(bad.line)", bad.problems.joined(separator: "; ")] + bad.fields, file))
        }
        try output.finish()
    }

    private static func line(_ fields: [String], _ file: AccountFile) -> String {
        fields.map { CSV.field($0, separator: file.separator) }.joined(separator: String(file.separator))
    }
}
