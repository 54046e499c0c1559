import CSQLite

/// SQLite putting one row after the other into a table `job`, each in a transaction of its own that is on the disk when
/// it returns, with nothing around it: what any queue that commits request by request can reach at most. Benchmarks
/// compare with it.
package final class BareInserter {
    private let database: OpaquePointer
    private let statement: OpaquePointer

    /// In WAL mode with `synchronous=FULL` and SQLite's own checkpoints.
    /// - Parameter path: of a database that nobody else has open. Without a table `job` it gets a plain one.
    /// - Returns: nil when it cannot be opened.
    package init?(path: String) {
        var (database, statement): (OpaquePointer?, OpaquePointer?)
        let preparation = """
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = FULL;
            CREATE TABLE IF NOT EXISTS job (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, payload TEXT NOT NULL);
            """
        let sql = "INSERT INTO job (kind, payload) VALUES ('reset-request', ?)"
        guard sqlite3_open_v2(path, &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nil) == SQLITE_OK,
            sqlite3_exec(database, preparation, nil, nil, nil) == SQLITE_OK,
            sqlite3_prepare_v2(database, sql, -1, &statement, nil) == SQLITE_OK, let database, let statement
        else {
            sqlite3_close_v2(database)
            return nil
        }
        (self.database, self.statement) = (database, statement)
    }

    deinit {
        sqlite3_finalize(statement)
        sqlite3_close_v2(database)
    }

    /// - Returns: whether the row is on the disk.
    package func insert(_ payload: StaticString) -> Bool {
        let text = UnsafeRawPointer(payload.utf8Start).assumingMemoryBound(to: CChar.self)
        return sqlite3_bind_text(statement, 1, text, Int32(payload.utf8CodeUnitCount), nil) == SQLITE_OK
            && sqlite3_step(statement) == SQLITE_DONE && sqlite3_reset(statement) == SQLITE_OK
    }

    package static var libraryVersion: String { String(cString: sqlite3_libversion()) }
}
