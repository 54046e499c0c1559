import CSQLite
import SQL

/// One prepared statement, kept by its connection and finalised with it.
///
/// Parameters are written `$1`, `$2` …, as PostgreSQL writes them. SQLite takes such a name for a *named* parameter and
/// numbers it by first appearance, so the numbers are mapped once here.
final class SQLiteStatement: Statement {
    let sql: String
    private let handle: OpaquePointer
    /// For each of SQLite's own parameter positions, which of the caller's values belongs there.
    private let slots: [Int]

    init(_ sql: String, on database: OpaquePointer) throws(SQLiteError) {
        var prepared: OpaquePointer?
        let code = sqlite3_prepare_v3(database, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
        guard code == SQLITE_OK, let prepared else {
            throw SQLiteError(
                code: sqlite3_extended_errcode(database), message: String(cString: sqlite3_errmsg(database)),
                statement: sql)
        }
        var slots: [Int] = []
        for position in 0..<sqlite3_bind_parameter_count(prepared) {
            let name = sqlite3_bind_parameter_name(prepared, position + 1).map { String(cString: $0) } ?? ""
            guard name.hasPrefix("$"), let number = Int(name.dropFirst()), number > 0 else {
                sqlite3_finalize(prepared)
                throw SQLiteError(code: SQLITE_MISUSE, message: "parameter \(name) is not $1, $2 …", statement: sql)
            }
            slots.append(number - 1)
        }
        self.sql = sql
        self.handle = prepared
        self.slots = slots
    }

    deinit { sqlite3_finalize(handle) }

    func run(_ values: [Value], _ body: (any Row) throws -> Void) throws -> Int {
        defer {
            sqlite3_reset(handle)
            sqlite3_clear_bindings(handle)
        }
        for (position, slot) in slots.enumerated() {
            guard slot < values.count else {
                throw SQLiteError(code: SQLITE_RANGE, message: "no value for $\(slot + 1)", statement: sql)
            }
            try bind(values[slot], at: Int32(position + 1))
        }
        while true {
            let code = sqlite3_step(handle)
            switch code {
            case SQLITE_ROW: try body(SQLiteRow(statement: handle))
            case SQLITE_DONE: return Int(sqlite3_changes64(sqlite3_db_handle(handle)))
            default: throw failure()
            }
        }
    }

    private func bind(_ value: Value, at position: Int32) throws(SQLiteError) {
        let code: Int32
        switch value {
        case .null: code = sqlite3_bind_null(handle, position)
        case .integer(let integer): code = sqlite3_bind_int64(handle, position, integer)
        case .real(let real): code = sqlite3_bind_double(handle, position, real)
        case .text(var text):
            // With its length: a NUL inside is part of the text, not its end.
            code = text.withUTF8 { bytes in
                bytes.withMemoryRebound(to: CChar.self) { characters in
                    characters.baseAddress.map { pulih_bind_text(handle, position, $0, Int32(bytes.count)) }
                        ?? pulih_bind_text(handle, position, "", 0)
                }
            }
        case .blob(let bytes):
            code = bytes.withUnsafeBytes { pulih_bind_blob(handle, position, $0.baseAddress, Int32($0.count)) }
        }
        guard code == SQLITE_OK else { throw failure() }
    }

    private func failure() -> SQLiteError {
        let database = sqlite3_db_handle(handle)
        return SQLiteError(
            code: sqlite3_extended_errcode(database), message: String(cString: sqlite3_errmsg(database)), statement: sql
        )
    }
}

/// The current row of a running statement.
struct SQLiteRow: Row {
    let statement: OpaquePointer

    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(statement, column) == SQLITE_NULL }
    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }
    func real(_ column: Int32) -> Double { sqlite3_column_double(statement, column) }

    func text(_ column: Int32) -> String {
        guard let bytes = sqlite3_column_text(statement, column) else { return "" }
        let count = Int(sqlite3_column_bytes(statement, column))
        return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    }

    func blob(_ column: Int32) -> [UInt8] {
        guard let bytes = sqlite3_column_blob(statement, column) else { return [] }
        let count = Int(sqlite3_column_bytes(statement, column))
        return Array(UnsafeRawBufferPointer(start: bytes, count: count))
    }
}

@available(*, unavailable) extension SQLiteRow: Sendable {}
@available(*, unavailable) extension SQLiteStatement: Sendable {}
