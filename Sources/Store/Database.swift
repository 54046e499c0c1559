package import Domain
import Glibc
import SQLite
import Threading

/// The SQLite database behind `Storage`.
package final class Database: Storage {
    /// SQLite's version number when it is one that can corrupt a database whose log is reset while another connection
    /// writes, else nil. Worth a line in the log: the guard against it covers our own processes alone.
    package static var exposedSQLiteVersion: Int? { exposed(Connection.libraryVersion) }

    static func exposed(_ version: Int) -> Int? {
        let isMended =
            version >= 3_051_003 || (3_050_007..<3_051_000).contains(version)
            || (3_044_006..<3_045_000).contains(version)
        return isMended ? nil : version
    }

    let path: String
    let writer: Writer
    private let readers: ReaderPool
    private let listeners = Monitor<[@Sendable () -> Void]>([])

    /// Opens the database, creating and migrating it as needed.
    /// - Throws: `StorageFault`: it cannot be opened, or a newer version of the program has been here.
    package init(path: String, clock: any Clock) throws {
        let path = DatabasePath.resolved(path)
        self.path = path
        readers = ReaderPool(path: path)
        let listeners = listeners
        do {
            writer = try Writer {
                let lock = try CheckpointLock(database: path)
                // Alone: of two processes that make the same database, one would find it locked and give up.
                let connection = try lock.exclusive {
                    // SQLite gives its log and its shared memory the mode of the database.
                    try SharedFile.create(path)
                    let connection = try Connection(path: path, role: .writer)
                    try connection.migrate(Migrations.all, now: clock.now().milliseconds)
                    return connection
                }
                return (connection, lock)
            } onEnqueue: {
                for listener in listeners.withLock({ $0 }) { listener() }
            }
        } catch {
            throw StorageTrouble.fault(error, path: path)
        }
    }

    /// Finishes the writes that were handed in. Reading still works afterwards, writing does not.
    package func close() { writer.close() }

    /// Calls `listener` after each commit of this process that made jobs ready. It must return at once.
    package func whenJobsArrive(_ listener: @escaping @Sendable () -> Void) {
        listeners.withLock { $0.append(listener) }
    }

    package var condition: StorageCondition {
        // Asked of the folder: opening and closing the files would drop SQLite's locks on them.
        let files = [("database", path), ("log", path + "-wal")]
        return StorageCondition(
            commits: writer.commits, bytes: Dictionary(uniqueKeysWithValues: files.map { ($0, Self.size(of: $1)) }))
    }

    private static func size(of file: String) -> Int64 {
        var status = stat()
        return stat(file, &status) == 0 ? Int64(status.st_size) : 0
    }

    package func read<Result: Sendable>(_ body: (any Reading) throws -> Result) throws -> Result {
        do {
            return try readers.read(body)
        } catch {
            throw StorageTrouble.fault(error, path: path)
        }
    }

    package func write<Result: Sendable>(
        _ body: @escaping @Sendable (any Writing) throws -> Result
    ) throws -> Result {
        do {
            return try writer.perform(body)
        } catch {
            throw StorageTrouble.fault(error, path: path)
        }
    }
}
