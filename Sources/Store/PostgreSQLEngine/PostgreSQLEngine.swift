package import Domain
import PostgreSQL
package import SQL

/// The store on PostgreSQL: one server, or several of which one is the primary, for portals and workers on as many
/// machines as there are.
///
/// Writes of all processes follow each other under one lock, as they do on SQLite: who takes it sees all that was
/// committed before, so nothing is ever decided on a state that is about to change, and no transaction has to be run
/// again. What it costs is that commits of different processes share no flush of the log; those of one process do. The other
/// way, serializable transactions that are run again after a conflict, stored a third to a sixth as much: each reads the end
/// of the audit log's chain and adds to it, so 48 of them at once were run twelve times over for each one that got through.
package struct PostgreSQLEngine: StoreEngine {
    let server: PostgreSQLServer
    private let ownWord = OwnWord()
    private let serverClock = ServerClock()
    private let vacuumWatch = VacuumWatch()

    package init(_ server: PostgreSQLServer) { self.server = server }

    package var name: String { server.name }
    package var dialect: Dialect { .postgreSQL }
    /// Few connections, kept.
    package var mostReaders: Int { Self.readers }
    private static let readers = 8
    /// With the writer, who tells and who listens.
    static let connectionsOfProcess = readers + 3

    package func openWriter(by clock: any Clock) throws -> any EngineWriter {
        let connection = try server.connect(.writer)
        if try ConnectionPool.isBetween(connection) && ConnectionPool.sharesSessions(server, connection) {
            throw StoreError(sentence: ConnectionPool.refusal, detail: "the session of \(name) is another client's too")
        }
        serverClock.refresh(connection, backend: connection.backend, by: clock)
        try migrate(connection, at: clock.now())
        return PostgreSQLWriter(connection, CommitNotifier(server, ownWord), serverClock, clock)
    }

    /// Brings the schema up to date.
    func migrate(_ connection: PostgreSQLConnection, at now: Instant) throws {
        guard connection.serverVersion >= PostgreSQLServer.oldest else {
            throw StoreError(
                sentence: "The PostgreSQL server of \(name) is too old. Pulih needs PostgreSQL 15 or later.",
                detail: "server version \(connection.serverVersion)")
        }
        try connection.migrate(PostgreSQLMigrations.all, now: now.milliseconds)
    }

    package func openReader() throws -> any Connection { try server.connect(.reader) }

    package func bytes(_ reader: any Connection) -> [String: Int64] {
        let size = try? reader.first("SELECT pg_database_size(current_database())") { $0.integer(0) }
        return size.flatMap { $0 }.map { ["database": $0] } ?? [:]
    }

    package func vacuum(_ reader: any Connection) -> VacuumMetrics? { try? vacuumWatch.look(reader) }

    package func watchChanges(_ wake: @escaping @Sendable () -> Void) throws -> any ChangeWatcher {
        try PostgreSQLChangeWatcher(server, ownWord, wake)
    }

    package var clockOffset: TimeSpan { serverClock.offset }

    package func onClockMeasured(_ listener: @escaping @Sendable (TimeSpan) -> Void) {
        serverClock.onMeasurement(listener)
    }

    package func backUp(to file: String, progress: (_ done: Int, _ total: Int) -> Void) throws -> BackupContent {
        throw StoreError(
            sentence:
                "This installation keeps its data on PostgreSQL, which has backups of its own: use pg_basebackup with "
                + "an archive of its log, or pg_dump, and keep the folder of keys with them.",
            detail: "backup was asked of \(name)")
    }
}

/// The writing connection.
private final class PostgreSQLWriter: EngineWriter {
    private let session: PostgreSQLConnection
    private let notifier: CommitNotifier
    private let serverClock: ServerClock
    private let clock: any Clock

    var connection: any Connection { session }

    init(
        _ session: PostgreSQLConnection, _ notifier: CommitNotifier, _ serverClock: ServerClock, _ clock: any Clock
    ) {
        self.session = session
        self.notifier = notifier
        self.serverClock = serverClock
        self.clock = clock
    }

    deinit { notifier.close() }

    func commit(_ body: () throws -> Void) throws { try body() }

    func afterCommit() {
        notifier.tell()
        serverClock.refresh(session, backend: session.backend, by: clock)
    }
}
