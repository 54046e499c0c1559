import CSQLite
import SQL

extension SQLiteConnection {
    /// Pages copied between two looks at the progress.
    private static let pagesPerStep: Int32 = 500

    /// Copies the database as this connection sees it, page by page, into a file of its own without a log.
    ///
    /// Called inside `snapshot`, it is one picture of the database, whatever others commit meanwhile: they go on
    /// undisturbed, and only the log cannot be truncated until the end. It reads and takes no part in checkpoints.
    /// - Parameters:
    ///   - path: an empty file, or none yet.
    ///   - progress: receives how many pages are done, of how many.
    package func copy(to path: String, progress: (_ done: Int, _ total: Int) -> Void) throws {
        var opened: OpaquePointer?
        let access = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        let code = sqlite3_open_v2(path, &opened, access, nil)
        defer { sqlite3_close_v2(opened) }
        guard code == SQLITE_OK, let target = opened else {
            throw SQLiteError(code: code, message: "cannot open \(path)")
        }
        guard let backup = sqlite3_backup_init(target, "main", handle, "main") else { throw Self.failure(of: target) }
        var step = SQLITE_OK
        repeat {
            step = sqlite3_backup_step(backup, Self.pagesPerStep)
            let total = Int(sqlite3_backup_pagecount(backup))
            progress(total - Int(sqlite3_backup_remaining(backup)), total)
        } while step == SQLITE_OK
        guard sqlite3_backup_finish(backup) == SQLITE_OK, step == SQLITE_DONE else { throw Self.failure(of: target) }
        // The copy says of itself that it has a log; a file that is to be carried about should need no other.
        guard sqlite3_exec(target, "PRAGMA journal_mode = DELETE", nil, nil, nil) == SQLITE_OK else {
            throw Self.failure(of: target)
        }
    }

    /// What SQLite finds wrong with the whole database: damaged pages, indices that miss rows, references to nothing.
    package func damage() throws -> [String] {
        let pages = try all("PRAGMA integrity_check") { $0.text(0) }
        let references = try all("PRAGMA foreign_key_check") { "\($0.text(0)) \($0.integer(1)) refers to nothing" }
        return pages.filter { $0 != "ok" } + references
    }

    private static func failure(of database: OpaquePointer) -> SQLiteError {
        SQLiteError(
            code: sqlite3_extended_errcode(database), message: String(cString: sqlite3_errmsg(database)))
    }
}
