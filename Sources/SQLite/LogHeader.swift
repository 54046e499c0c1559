import CSQLite
import SQL

/// The header of the write-ahead log's index (https://www.sqlite.org/walformat.html, "The WAL-Index File Format"), which every commit
/// rewrites as its last step, in memory that all processes with the database share: reading it takes neither a lock nor
/// a call to the kernel. The checksum of all frames and the salts in it are the same only if the log is.
package final class LogHeader: @unchecked Sendable {
    // Proof: the connection is used by nobody after `init`; it is kept because the memory goes with it. SQLite writes there
    // as the reading expects it.
    private let connection: SQLiteConnection
    private let index: UnsafeRawPointer

    /// - Parameter path: of a database that is there.
    /// - Throws: `SQLiteError`.
    package init(path: String) throws {
        connection = try SQLiteConnection(path: path, role: .reader)
        // The memory is mapped with the first look into the database.
        _ = try connection.first("SELECT count(*) FROM sqlite_schema") { $0.integer(0) }
        guard let index = pulih_wal_index(connection.handle) else {
            throw SQLiteError(code: SQLITE_CANTOPEN, message: "the log of \(path) has no index in shared memory")
        }
        self.index = index
    }

    /// All of it; nil while a commit is writing it.
    package var words: SIMD16<UInt32>? {
        var words = SIMD16<UInt32>()
        return pulih_read_wal_header(index, &words) == 0 ? nil : words
    }
}
