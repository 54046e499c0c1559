import CSQLite

/// What SQLite said, with its number kept, so that a caller can tell a full disk from a broken rule.
package struct SQLiteError: Error, Sendable, Equatable, CustomStringConvertible {
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

    private var primary: Int32 { code & 0xff }

    /// Another connection holds the lock; trying again may help.
    package var isBusy: Bool { primary == SQLITE_BUSY || primary == SQLITE_LOCKED }
    /// The disk or the quota is full.
    package var isFull: Bool { primary == SQLITE_FULL }
    /// A rule of the schema (UNIQUE, CHECK, NOT NULL, foreign key, trigger) refused the change.
    package var isConstraint: Bool { primary == SQLITE_CONSTRAINT }
    /// The file is not a database, or is damaged.
    package var isDamaged: Bool { primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB }

    package var description: String {
        "SQLite \(code): \(message)" + (statement.isEmpty ? "" : " in: \(statement)")
    }
}
