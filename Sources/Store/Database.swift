package import Domain
import Threading

// Store: the schema and all SQL, group commit, wake-up across processes. It knows no rule beyond its constraints. Begin
// here, then `Writer` and the SQL file of the subject; what one engine needs is in a folder of its own.

/// All state, behind the protocol `Domain.Store`: one thread that writes, connections that read, whatever the engine.
package final class Database: Store {
    private let engine: any StoreEngine
    let writer: Writer
    private let readers: ReaderPool
    private let listeners = Monitor<[@Sendable () -> Void]>([])

    /// Opens the database on SQLite; creates and migrates it as needed.
    /// - Throws: `StoreError`: it cannot be opened, or a newer version of the program has migrated it.
    package convenience init(path: String, clock: any Clock) throws {
        try self.init(SQLiteEngine(path: path), clock: clock)
    }

    /// Opens the database of an engine; creates and migrates it as needed.
    /// - Parameter patience: how long a caller waits for a commit or for its turn to read before it is told that the
    ///   database does not answer; nil for as long as it takes.
    /// - Throws: `StoreError`: it cannot be opened, or a newer version of the program has migrated it.
    package init(_ engine: any StoreEngine, clock: any Clock, patience: Duration? = nil) throws {
        self.engine = engine
        let queries = Queries(engine.dialect)
        readers = ReaderPool(
            queries, limit: engine.mostReaders, patience: patience, open: engine.openReader)
        let listeners = listeners
        writer = try Self.translatingErrors(engine) {
            try Writer(queries, patience: patience) {
                try engine.openWriter(by: clock)
            } onEnqueue: {
                for listener in listeners.withLock({ $0 }) { listener() }
            }
        }
    }

    /// Finishes the writes that were handed in. Reading still works afterwards, writing does not.
    package func close() { writer.close() }

    /// Calls `listener` after each commit of this process that made jobs ready. It must not block.
    package func onJobsReady(_ listener: @escaping @Sendable () -> Void) {
        listeners.withLock { $0.append(listener) }
    }

    /// Calls `wake` after each commit of another process, until the watcher is closed.
    /// - Throws: `StoreError`.
    package func watchChanges(_ wake: @escaping @Sendable () -> Void) throws -> any ChangeWatcher {
        try translatingErrors { try engine.watchChanges(wake) }
    }

    package func openDataVersions() throws -> (any DataVersions)? {
        try translatingErrors { try engine.openDataVersions() }
    }

    package var clockOffset: TimeSpan { engine.clockOffset }

    /// Calls `listener` with that now and after each measurement. It must not block.
    package func onClockMeasured(_ listener: @escaping @Sendable (TimeSpan) -> Void) {
        engine.onClockMeasured(listener)
    }

    package var metrics: StoreMetrics {
        let figures = try? readers.withReader { (engine.bytes($0.connection), engine.vacuum($0.connection)) }
        return StoreMetrics(commits: writer.commits, bytes: figures?.0 ?? [:], vacuum: figures?.1)
    }

    package func read<Result: Sendable>(_ body: (any ReadTransaction) throws -> Result) throws -> Result {
        try translatingErrors { try readers.read(body) }
    }

    package func readOne<Result: Sendable>(_ body: (any ReadTransaction) throws -> Result) throws -> Result {
        try translatingErrors { try readers.withReader(body) }
    }

    package func write<Result: Sendable>(
        _ body: @escaping @Sendable (any WriteTransaction) throws -> Result
    ) throws -> Result {
        try translatingErrors { try writer.perform(body) }
    }

    /// Copies the database, as it is at one moment, to a file; the service goes on meanwhile. Then reads all of the copy:
    /// its structure, its references, the rows of each table against those of that moment, and the chain of its audit
    /// log.
    /// - Parameters:
    ///   - file: an empty file, or none yet; the caller flushes it and moves it into place.
    ///   - progress: receives how many pages are copied, of how many.
    /// - Throws: `StoreError`; the copy must not be used then.
    package func backUp(to file: String, progress: (_ done: Int, _ total: Int) -> Void) throws -> BackupContent {
        try translatingErrors { try engine.backUp(to: file, progress: progress) }
    }

    private func translatingErrors<Result>(_ body: () throws -> Result) throws -> Result {
        try Self.translatingErrors(engine, body)
    }

    private static func translatingErrors<Result>(
        _ engine: any StoreEngine, _ body: () throws -> Result
    ) throws -> Result {
        do {
            return try body()
        } catch {
            throw StoreErrorMapping.failure(error, database: engine.name)
        }
    }
}
