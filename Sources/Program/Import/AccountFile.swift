import CommandLine
import Domain

/// A table of accounts, read and checked as far as it can be without the database.
struct AccountFile {
    struct Row {
        let line: Int
        let fields: [String]
        let account: AccountRow
    }

    struct BadLine {
        let line: Int
        let fields: [String]
        /// Each with the name of its column.
        let problems: [String]
    }

    let separator: Character
    /// Whether the file was UTF-8 without a byte order mark.
    let isPlain: Bool
    /// As the first line has them.
    let headings: [String]
    let unknownColumns: [String]
    private(set) var rows: [Row] = []
    private(set) var badLines: [BadLine] = []

    private let columns: [AccountColumn?]

    /// - Parameters:
    ///   - name: of the file, for errors.
    ///   - encoding: nil to find out.
    ///   - isStrict: refuses columns that mean nothing here.
    ///   - types: those that are configured.
    ///   - language: of accounts that name none.
    /// - Throws: `CommandError` when it cannot be read as a table of accounts at all.
    init(
        _ bytes: [UInt8], name: String, encoding: String?, isStrict: Bool, types: [UserType], language: Language
    ) throws(CommandError) {
        let decoded: TextDecoding.Result
        do {
            decoded = try TextDecoding.decode(bytes, encoding: encoding)
        } catch {
            throw CommandError("\(name) \(error.sentence). Nothing was changed.")
        }
        let table = CSV(decoded.text)
        guard let head = table.records.first else { throw CommandError("\(name) is empty. Nothing was changed.") }
        separator = table.separator
        isPlain = decoded.isPlain
        headings = Array(head.fields.prefix((head.fields.lastIndex { !$0.isEmpty } ?? -1) + 1))
        columns = headings.map(AccountColumn.init(heading:))
        unknownColumns = zip(headings, columns).filter { $1 == nil }.map { $0.0.isEmpty ? "(without a name)" : $0.0 }
        try checkHeadings(name, isStrict: isStrict)
        read(table.records.dropFirst(), types, language)
    }

    private func checkHeadings(_ name: String, isStrict: Bool) throws(CommandError) {
        let known = columns.compactMap(\.self)
        if let twice = known.first(where: { column in known.filter { $0 == column }.count > 1 }) {
            throw CommandError("\(name) has two columns for \(twice.rawValue). Nothing was changed.")
        }
        let missing = AccountColumn.required.filter { !known.contains($0) }.map(\.rawValue)
        guard missing.isEmpty else {
            let found = headings.map { Self.shown($0) }.joined(separator: ", ")
            throw CommandError(
                "\(name) must begin with a line that names the columns; \(missing.joined(separator: ", ")) "
                    + "\(missing.count == 1 ? "is" : "are") missing. Nothing was changed.",
                detail: "  The first line, read with \(Self.word(separator)) between columns, names: \(found)")
        }
        guard !isStrict || unknownColumns.isEmpty else {
            throw CommandError(
                "\(name) has columns that mean nothing here: \(unknownColumns.joined(separator: ", ")). Nothing was changed."
            )
        }
    }

    private mutating func read(_ records: some Sequence<CSV.Record>, _ types: [UserType], _ language: Language) {
        var lines: [UserID: Int] = [:]
        for record in records {
            var problems = [record.problem].compactMap(\.self)
            if record.fields.dropFirst(headings.count).contains(where: { !$0.isEmpty }) {
                problems.append(
                    "has \(record.fields.count) fields, where the first line names \(headings.count) columns")
            }
            if problems.isEmpty {
                do {
                    let account = try AccountRow(
                        values(of: record), types: types, standard: language)
                    if let first = lines[account.userID] {
                        problems.append(problem(.userID, "\(account.userID) is on line \(first) already"))
                    } else {
                        lines[account.userID] = record.line
                        rows.append(Row(line: record.line, fields: record.fields, account: account))
                    }
                } catch {
                    problems = error.problems.map { problem($0.column, $0.sentence) }
                }
            }
            if !problems.isEmpty {
                badLines.append(BadLine(line: record.line, fields: record.fields, problems: problems))
            }
        }
    }

    private func values(of record: CSV.Record) -> [AccountColumn: String] {
        var values: [AccountColumn: String] = [:]
        for (column, field) in zip(columns, record.fields) { if let column { values[column] = field } }
        return values
    }

    /// Moves rows that do not go together with what is in the database to the bad ones.
    mutating func reject(_ rejected: [(row: Row, column: AccountColumn, sentence: String)]) {
        let lines = Set(rejected.map(\.row.line))
        rows.removeAll { lines.contains($0.line) }
        badLines += rejected.map {
            BadLine(line: $0.row.line, fields: $0.row.fields, problems: [problem($0.column, $0.sentence)])
        }
        badLines.sort { $0.line < $1.line }
    }

    /// Takes out rows that need no import.
    mutating func remove(lines: Set<Int>) { rows.removeAll { lines.contains($0.line) } }

    /// A problem, under the name that the column has in this file.
    private func problem(_ column: AccountColumn, _ sentence: String) -> String {
        let heading = columns.firstIndex(of: column).map { headings[$0] } ?? column.rawValue
        return "\(Self.shown(heading)) \(sentence)"
    }

    private static func shown(_ heading: String) -> String {
        heading.isEmpty ? "(nothing)" : String(heading.prefix(40))
    }

    private static func word(_ separator: Character) -> String {
        switch separator {
        case ",": "commas"
        case ";": "semicolons"
        case "\t": "tabs"
        default: "\"\(separator)\""
        }
    }
}
