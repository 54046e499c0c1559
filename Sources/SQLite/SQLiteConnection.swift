import CSQLite
package import SQL

// SQLite: the engine that needs no server, one file on this machine. It implements the protocols of SQL and adds
// what only SQLite has: checkpoints, copies, the version of the data.

/// A connection to a SQLite database.
package final class SQLiteConnection: Connection {
    /// What a connection may do, fixed when it opens.
    package enum Role: Sendable {
        /// Reads and writes; creates the file when it is missing.
        case writer
        /// `query_only`: cannot change anything, whatever it is asked.
        case reader
        /// Reads a file that nobody else has open, as it is: no log, no lock, no pragma.
        case inspector
    }

    let handle: OpaquePointer
    private let busyTimeout: Int32
    private var statements: [String: SQLiteStatement] = [:]
    /// Frames in the write-ahead log after the last commit of this connection; written by SQLite's hook.
    private let walFrames: UnsafeMutablePointer<Int32>

    /// Opens `path` in WAL mode with `synchronous=FULL` and foreign keys on.
    ///
    /// Neither commit nor close runs a checkpoint by itself: Debian's SQLite 3.40.1 can corrupt a database whose log is
    /// reset while another connection writes, so `checkpoint` is called where no one writes.
    /// - Parameter busyTimeout: milliseconds to wait for another process's lock.
    package init(path: String, role: Role, busyTimeout: Int32 = 10_000) throws {
        _ = Self.isConfigured
        var opened: OpaquePointer?
        let access =
            switch role {
            case .writer: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
            case .reader: SQLITE_OPEN_READWRITE
            case .inspector: SQLITE_OPEN_READONLY
            }
        let code = sqlite3_open_v2(path, &opened, access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
        guard code == SQLITE_OK, let opened else {
            let message = opened.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
            sqlite3_close_v2(opened)
            throw SQLiteError(code: code, message: "cannot open \(path): \(message)")
        }
        handle = opened
        self.busyTimeout = busyTimeout
        walFrames = .allocate(capacity: 1)
        walFrames.initialize(to: 0)
        sqlite3_busy_timeout(handle, busyTimeout)
        _ = pulih_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        _ = pulih_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1)
        _ = pulih_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0)
        guard role != .inspector else { return }
        // Setting a hook also replaces the automatic checkpoint, which is built on the same hook.
        sqlite3_wal_hook(handle, rememberFrames, walFrames)
        let mode = try first("PRAGMA journal_mode = WAL") { $0.text(0) }
        guard mode == "wal" else {
            throw SQLiteError(code: SQLITE_CANTOPEN, message: "\(path) cannot have a write-ahead log where it lies")
        }
        try execute("PRAGMA synchronous = FULL")
        try execute("PRAGMA foreign_keys = ON")
        // What is erased is overwritten: Debian's SQLite does so by itself, others need to be told.
        try execute("PRAGMA secure_delete = ON")
        if role == .reader { try execute("PRAGMA query_only = ON") }
    }

    /// Set up once in a process, with its first connection.
    private static let isConfigured = pulih_without_memory_count() == SQLITE_OK

    deinit {
        statements.removeAll()
        sqlite3_close_v2(handle)
        walFrames.deallocate()
    }

    package func execute(_ sql: String) throws {
        guard sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else { throw failure(in: sql) }
    }

    package func statement(_ sql: String) throws -> any Statement {
        if let kept = statements[sql] { return kept }
        let made = try SQLiteStatement(sql, on: handle)
        statements[sql] = made
        return made
    }

    /// `BEGIN IMMEDIATE` for a write: a deferred transaction that upgrades later fails immediately when another writer was
    /// quicker, whatever the busy timeout says.
    package func begin(_ access: TransactionAccess) throws {
        switch access {
        case .read: try run("BEGIN")
        case .write: try run("BEGIN IMMEDIATE")
        }
    }

    /// Whether a transaction is open; SQLite itself rolls back after some errors, such as a full disk.
    package var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

    /// A file is always there.
    package var isBroken: Bool { false }

    package func createMigrationTable() throws {
        try execute(
            """
            CREATE TABLE IF NOT EXISTS migration (
                position INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, applied_at INTEGER NOT NULL
            ) STRICT
            """)
    }

    /// Frames in the write-ahead log, as of this connection's last commit.
    package var framesInLog: Int { Int(walFrames.pointee) }

    /// Moves the log into the database and truncates it.
    /// - Parameter milliseconds: how long to wait for a reader or writer that is in the way.
    /// - Returns: false when it was still in the way; try again later.
    package func checkpoint(waiting milliseconds: Int32) throws -> Bool {
        sqlite3_busy_timeout(handle, milliseconds)
        defer { sqlite3_busy_timeout(handle, busyTimeout) }
        let code = sqlite3_wal_checkpoint_v2(handle, nil, SQLITE_CHECKPOINT_TRUNCATE, nil, nil)
        if code & 0xff == SQLITE_BUSY { return false }
        guard code == SQLITE_OK else { throw failure(in: "checkpoint") }
        walFrames.pointee = 0
        return true
    }

    /// The SQL of the statements prepared and kept so far, to ask `EXPLAIN QUERY PLAN` about what really runs.
    package var preparedSQL: Set<String> { Set(statements.keys) }

    /// SQLite's version as a number, 3.40.1 being 3040001.
    package static var libraryVersion: Int { Int(sqlite3_libversion_number()) }

    private func failure(in sql: String) -> SQLiteError {
        SQLiteError(
            code: sqlite3_extended_errcode(handle), message: String(cString: sqlite3_errmsg(handle)), statement: sql)
    }
}

@available(*, unavailable) extension SQLiteConnection: Sendable {}

private func rememberFrames(
    _ context: UnsafeMutableRawPointer?, _: OpaquePointer?, _: UnsafePointer<CChar>?, _ frames: Int32
) -> Int32 {
    context?.assumingMemoryBound(to: Int32.self).pointee = frames
    return SQLITE_OK
}
