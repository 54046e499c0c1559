/// What an engine answered to a statement that failed. `description` is for the log and holds no values.
package protocol SQLError: Error, Sendable, CustomStringConvertible {
    var cause: SQLErrorCause { get }
}

/// The causes that a caller tells apart.
package enum SQLErrorCause: Sendable {
    /// Another connection holds the lock; trying again may help.
    case busy
    /// The disk or the quota is full.
    case full
    /// A rule of the schema (UNIQUE, CHECK, NOT NULL, foreign key, trigger) refused the change.
    case constraint
    /// The server is not reached, or cannot serve now; trying again may help.
    case unreachable
    /// The file is not a database, or is damaged.
    case damaged
    case other
}
