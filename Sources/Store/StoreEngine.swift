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
    /// - Parameter clock: this machine's.
    func openWriter(by clock: any Clock) throws -> any EngineWriter

    /// Opens a connection that reads and cannot write.
    func openReader() throws -> any Connection

    /// Bytes that the database takes, by what they are: `database`, `log`.
    /// - Parameter reader: one of its connections that read.
    func bytes(_ reader: any Connection) -> [String: Int64]

    /// How the database keeps up with sweeping away what is gone; nil where it leaves nothing behind, and where that cannot
    /// be told.
    /// - Parameter reader: one of its connections that read.
    func vacuum(_ reader: any Connection) -> VacuumMetrics?

    /// Calls `wake` after each commit of another process until the watcher is closed. A hint: callers poll as well, at a
    /// longer interval.
    func watchChanges(_ wake: @escaping @Sendable () -> Void) throws -> any ChangeWatcher

    /// Where to see whether anything was committed; nil where only the database can tell.
    func openDataVersions() throws -> (any DataVersions)?

    /// By how much the clock that machines share is ahead of this one's, as measured last; zero where none is shared.
    var clockOffset: TimeSpan { get }

    /// Calls `listener` with that now and after each measurement. It must not block.
    func onClockMeasured(_ listener: @escaping @Sendable (TimeSpan) -> Void)

    /// Looks at the database and its server, without opening the database for use: what an operator should know of them, and
    /// every mistake with its cure.
    /// - Parameter clock: this machine's.
    func inspect(by clock: any Clock) -> [EngineFinding]

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

/// Of a database on a server nothing can be seen but by asking.
extension StoreEngine {
    package func openDataVersions() throws -> (any DataVersions)? { nil }
}

/// An engine on one machine has nobody else's clock, no server to tell of, and uses the room of what is gone by itself.
extension StoreEngine {
    package func vacuum(_ reader: any Connection) -> VacuumMetrics? { nil }
    package var clockOffset: TimeSpan { .seconds(0) }
    package func onClockMeasured(_ listener: @escaping @Sendable (TimeSpan) -> Void) {}
    package func inspect(by clock: any Clock) -> [EngineFinding] { [] }
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
