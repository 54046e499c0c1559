import CSQLite
package import SQL

/// What SQLite answered, with its result code.
package struct SQLiteError: SQLError, Equatable {
    /// The extended result code (https://sqlite.org/rescode.html).
    package let code: Int32
    /// SQLite's words.
    package let message: String
    /// The statement at fault, without its values: values may be personal.
    package let statement: String

    package init(code: Int32, message: String, statement: String = "") {
        self.code = code
        self.message = message
        self.statement = statement
    }

    package var cause: SQLErrorCause {
        switch code & 0xff {
        case SQLITE_BUSY, SQLITE_LOCKED: .busy
        case SQLITE_FULL: .full
        case SQLITE_CONSTRAINT: .constraint
        case SQLITE_CORRUPT, SQLITE_NOTADB: .damaged
        default: .other
        }
    }

    package var description: String {
        "SQLite \(code): \(message)" + (statement.isEmpty ? "" : " in: \(statement)")
    }
}
