package import Domain
import Glibc
package import SQL
import SQLite

/// The store on SQLite: one file on this machine, and beside it the write-ahead log and the lock file for checkpoints.
package struct SQLiteEngine: StoreEngine {
    /// Without symbolic links.
    let path: String

    package init(path: String) { self.path = DatabasePath.resolved(path) }

    package var name: String { path }
    package var dialect: Dialect { .sqlite }
    /// None is in another's way.
    package var mostReaders: Int { .max }

    /// SQLite's version number when it is one that can corrupt a database whose log is reset while another connection
    /// writes, else nil. Worth a line in the log: `CheckpointLock` protects only against processes of ours.
    package static var exposedVersion: Int? { exposed(SQLiteConnection.libraryVersion) }

    static func exposed(_ version: Int) -> Int? {
        let isFixed =
            version >= 3_051_003 || (3_050_007..<3_051_000).contains(version)
            || (3_044_006..<3_045_000).contains(version)
        return isFixed ? nil : version
    }

    package func openWriter(by clock: any Clock) throws -> any EngineWriter {
        let lock = try CheckpointLock(database: path)
        let connection = try openConnection(under: lock, at: clock.now())
        // What a savepoint would bring back is kept in memory: every commit would make, fill and delete a file for it.
        try connection.execute("PRAGMA temp_store = MEMORY")
        return SQLiteWriter(connection, lock)
    }

    /// Makes the file if there is none, and brings the schema up to date.
    func openConnection(under lock: CheckpointLock, at now: Instant) throws -> SQLiteConnection {
        // Exclusive: of two processes that create the same database, one would find it locked and give up.
        try lock.exclusive {
            // SQLite gives its log and its shared memory the mode of the database.
            try DatabaseFilePermissions.create(path)
            let connection = try SQLiteConnection(path: path, role: .writer)
            try connection.migrate(SQLiteMigrations.all, now: now.milliseconds)
            return connection
        }
    }

    package func openReader() throws -> any Connection { try SQLiteConnection(path: path, role: .reader) }

    package func bytes(_: any Connection) -> [String: Int64] {
        // From the file system: opening and closing the files would drop SQLite's locks on them.
        ["database": Self.size(of: path), "log": Self.size(of: path + "-wal")]
    }

    private static func size(of file: String) -> Int64 {
        var status = stat()
        return stat(file, &status) == 0 ? Int64(status.st_size) : 0
    }

    package func watchChanges(_ wake: @escaping @Sendable () -> Void) throws -> any ChangeWatcher {
        try SQLiteChangeWatcher(path: path, wake)
    }

    package func openDataVersions() throws -> (any DataVersions)? { try SQLiteDataVersions(path: path) }
}

/// The writing connection, whose commits never run beside a checkpoint.
private final class SQLiteWriter: EngineWriter {
    private let sqlite: SQLiteConnection
    private let lock: CheckpointLock
    private var checkpointing: CheckpointSchedule

    var connection: any Connection { sqlite }

    init(_ connection: SQLiteConnection, _ lock: CheckpointLock) {
        sqlite = connection
        self.lock = lock
        checkpointing = CheckpointSchedule(under: lock)
    }

    func commit(_ body: () throws -> Void) throws { try lock.shared(body) }

    func afterCommit() { checkpointing.afterCommit(of: sqlite) }
}
