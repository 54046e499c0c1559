package import Domain
package import SQL

/// What the store needs of a database engine besides SQL. Each engine implements it in a folder of its own, the only
/// place of this room that imports the engine.
package protocol StoreEngine: Sendable {
    /// How sentences for people name the database: its path or address.
    var name: String { get }

    var dialect: Dialect { get }

    /// How many connections may read at once.
    var mostReaders: Int { get }

    /// Opens the connection that writes and brings the schema up to date. Called once, on the writer's thread, which alone
    /// uses the result.
    func openWriter(at now: Instant) throws -> any EngineWriter

    /// Opens a connection that reads and cannot write.
    func openReader() throws -> any Connection

    /// Bytes that the database takes, by what they are: `database`, `log`.
    var bytes: [String: Int64] { get }

    /// Calls `wake` after each commit of another process until the watcher is closed. A hint: callers poll as well, at a
    /// longer interval.
    func watchChanges(_ wake: @escaping @Sendable () -> Void) throws -> any ChangeWatcher

    /// Copies the database, as it is at one moment, to a file and verifies the copy.
    /// - Parameters:
    ///   - file: an empty file, or none yet.
    ///   - progress: receives how many pages are copied, of how many.
    func backUp(to file: String, progress: (_ done: Int, _ total: Int) -> Void) throws -> BackupContent

    /// Runs `body` with the database as it is at one moment; nothing in it is changed.
    /// - Parameter isHeld: keeps everybody from writing until `body` returns.
    func withCopySource<Result>(isHeld: Bool, _ body: (any CopySource) throws -> Result) throws -> Result

    /// Makes the database, or brings its schema up to date, and runs `body` in one transaction that can fill it; commits when
    /// `body` returns.
    func withCopyTarget<Result>(at now: Instant, _ body: (any CopyTarget) throws -> Result) throws -> Result
}

/// The writing side of an engine.
package protocol EngineWriter: AnyObject {
    var connection: any Connection { get }

    /// Runs `body`, which commits once, apart from anything that must not run beside a commit.
    func commit(_ body: () throws -> Void) throws

    /// Called after each commit, for work that follows it from time to time.
    func afterCommit()
}

/// Watches for commits of other processes until it is closed.
package protocol ChangeWatcher: Sendable {
    func close()
}
