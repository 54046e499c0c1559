package import Domain
import SQL
import SQLite

extension SQLiteEngine {
    package func withCopySource<Result>(isHeld: Bool, _ body: (any CopySource) throws -> Result) throws -> Result {
        guard isHeld else {
            let connection = try SQLiteConnection(path: path, role: .reader)
            return try connection.snapshot { try body(SQLiteCopySource(connection)) }
        }
        // Who holds the lock that a write takes keeps every other from it.
        let connection = try SQLiteConnection(path: path, role: .writer)
        return try CheckpointLock(database: path).shared {
            try connection.begin(.write)
            defer { _ = try? connection.run("ROLLBACK") }
            return try body(SQLiteCopySource(connection))
        }
    }

    package func withCopyTarget<Result>(
        at now: Instant, _ body: (any CopyTarget) throws -> Result
    ) throws -> Result {
        let lock = try CheckpointLock(database: path)
        let connection = try openConnection(under: lock, at: now)
        // References are checked at the end, all at once; pages that are written again and again stay in memory for longer.
        try connection.execute("PRAGMA foreign_keys = OFF; PRAGMA cache_size = -65536")
        let result = try lock.shared { try connection.transaction { try body(SQLiteCopyTarget(connection)) } }
        // The file holds all of it by itself, and may be carried to another machine.
        _ = try lock.exclusive { try connection.checkpoint(waiting: 10_000) }
        return result
    }
}

private class SQLiteCopySource: CopySource {
    let connection: any Connection

    init(_ connection: any Connection) { self.connection = connection }

    func tables() throws -> [Table] {
        let columns = try connection.all(
            """
            SELECT entry.name, info.name, info.type
            FROM sqlite_schema AS entry JOIN pragma_table_info(entry.name) AS info
            WHERE entry.type = 'table' AND entry.name NOT LIKE 'sqlite_%' AND entry.name <> 'migration'
            ORDER BY entry.name, info.cid
            """
        ) { row in (table: row.text(0), column: Column(name: row.text(1), kind: Self.kinds[row.text(2)] ?? .text)) }
        return Table.grouped(columns)
    }

    /// Of STRICT tables, which hold what their columns say.
    private static let kinds: [String: Column.Kind] = [
        "INTEGER": .integer, "INT": .integer, "REAL": .real, "TEXT": .text, "BLOB": .blob,
    ]

    func count(_ table: Table) throws -> Int {
        try connection.first("SELECT count(*) FROM \"\(table.name)\"") { Int($0.integer(0)) } ?? 0
    }

    func rows(of table: Table, _ body: ([Value]) throws -> Void) throws {
        let columns = Array(zip(Int32(0)..., table.columns))
        try connection.statement("SELECT \(table.columnList) FROM \"\(table.name)\"").run([]) { row in
            try body(try columns.map { try Self.value(row, $0, $1, of: table) })
        }
    }

    private static func value(_ row: any Row, _ number: Int32, _ column: Column, of table: Table) throws -> Value {
        if row.isNull(number) { return .null }
        switch column.kind {
        case .integer: return .integer(row.integer(number))
        case .real: return .real(row.real(number))
        case .blob: return .blob(row.blob(number))
        case .text:
            // SQLite keeps any bytes as text; other engines do not.
            let bytes = row.blob(number)
            guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
                throw InvalidTextError(table: table.name, column: column.name)
            }
            return .text(text)
        }
    }

    func lastID(of table: Table) throws -> Int64 {
        let sql = """
            SELECT max(coalesce((SELECT max(id) FROM "\(table.name)"), 0),
                coalesce((SELECT seq FROM sqlite_sequence WHERE name = $1), 0))
            """
        return try connection.first(sql, [.text(table.name)]) { $0.integer(0) } ?? 0
    }
}

private final class SQLiteCopyTarget: SQLiteCopySource, CopyTarget {
    /// The SQL that makes again what was taken away.
    private var removed: [String] = []

    /// Indices are made in one go at the end: kept up to date row by row, those in no order of ids cost more than all the rest.
    /// So does a CHECK with a list, for which SQLite makes a table each time.
    func prepare(_: [Table]) throws {
        let all = try connection.all(
            "SELECT type, name, sql FROM sqlite_schema WHERE type IN ('index', 'trigger') AND sql IS NOT NULL ORDER BY rowid"
        ) { (type: $0.text(0), name: $0.text(1), sql: $0.text(2)) }
        for entry in all { try connection.execute("DROP \(entry.type) \"\(entry.name)\"") }
        removed = all.map(\.sql)
        try connection.execute("PRAGMA ignore_check_constraints = ON")
    }

    func fill(_ table: Table, _ feed: (_ add: ([Value]) throws -> Void) throws -> Void) throws {
        let places = (1...table.columns.count).map { "$\($0)" }.joined(separator: ", ")
        let insert = try connection.statement(
            "INSERT INTO \"\(table.name)\" (\(table.columnList)) VALUES (\(places))")
        try feed { try insert.run($0) { _ in } }
    }

    /// Where SQLite keeps account of ids that have been given; elsewhere it gives the one after the greatest there is.
    func setLastID(_ id: Int64, of table: Table) throws {
        let sql = "SELECT 1 FROM sqlite_schema WHERE name = $1 AND sql LIKE '%AUTOINCREMENT%'"
        guard try connection.first(sql, [.text(table.name)], { $0.flag(0) }) == true else { return }
        try connection.run("DELETE FROM sqlite_sequence WHERE name = $1", [.text(table.name)])
        try connection.run(
            "INSERT INTO sqlite_sequence (name, seq) VALUES ($1, $2)", [.text(table.name), .integer(id)])
    }

    /// SQLITE_CONSTRAINT_CHECK.
    private static let constraint: Int32 = 275

    func finish(_: [Table]) throws {
        for statement in removed { try connection.execute(statement) }
        try connection.execute("PRAGMA ignore_check_constraints = OFF")
        let damage = try connection.first("PRAGMA quick_check") { $0.text(0) }
        if let damage, damage != "ok" { throw SQLiteError(code: Self.constraint, message: damage) }
        let lost = try connection.first("PRAGMA foreign_key_check") {
            "\($0.text(0)) refers to nothing in \($0.text(2))"
        }
        if let lost { throw UnmatchedReferenceError(reference: lost) }
    }
}
