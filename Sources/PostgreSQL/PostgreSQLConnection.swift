import CPostgreSQL
import Glibc
package import SQL

// PostgreSQL: the engine for several machines, reached through libpq. It implements the protocols of SQL and adds what only
// PostgreSQL has: notifications between processes, bulk copies, a connection that can be lost and made again.

/// A connection to PostgreSQL. One that has broken is made anew when the next transaction begins, or the next statement
/// outside of one is prepared; libpq then looks for the right one among several hosts again.
package final class PostgreSQLConnection: Connection {
    private(set) var handle: OpaquePointer
    let parameters: [(String, String)]
    private let setup: String
    private let gate: ConnectionGate
    /// False until the session has its settings, and from when its server has fallen silent.
    private var isReady = false
    /// Whether a transaction was begun and has not ended: its statements must not run on another connection.
    private var hasBegun = false
    /// What the server warned of last.
    private var warning: String?
    private var statements: [String: PostgreSQLStatement] = [:]
    /// Counts the statements prepared so far: each has a name of its own.
    private var prepared = 0

    /// Connects.
    /// - Parameters:
    ///   - parameters: libpq's keywords (PostgreSQL's documentation, section 34.1.2) with their values; `dbname` may be a
    ///     whole connection URI.
    ///   - setup: run on the connection whenever it has been made: settings of the session.
    ///   - gate: the one of all connections to these servers.
    /// - Throws: `PostgreSQLError`.
    package init(
        _ parameters: [(String, String)], setup: String = "", gate: ConnectionGate = ConnectionGate()
    ) throws {
        (self.parameters, self.setup, self.gate) = (parameters, setup, gate)
        handle = try gate.pass {
            let handle = Self.connect(parameters)
            guard PQstatus(handle) == CONNECTION_OK else {
                defer { PQfinish(handle) }
                throw PostgreSQLError(handle)
            }
            return handle
        }
        try prepareSession()
    }

    deinit { PQfinish(handle) }

    /// Whether the way to the server has broken; what was under way may have been committed or not.
    package var isBroken: Bool { !isReady || PQstatus(handle) != CONNECTION_OK }

    package var isInTransaction: Bool {
        guard !isBroken else { return false }
        switch PQtransactionStatus(handle) {
        case PQTRANS_INTRANS, PQTRANS_INERROR, PQTRANS_ACTIVE: return true
        default: return false
        }
    }

    package func execute(_ script: String) throws {
        let result = try answer(to: script) { PQsendQuery(handle, script) }
        defer { PQclear(result) }
        try check(result, script)
    }

    package func statement(_ sql: String) throws -> any Statement {
        if isBroken {
            guard !hasBegun else { throw PostgreSQLError(message: "the connection broke", statement: sql) }
            // A prepared statement belongs to the connection that it was made on.
            try reconnect()
        }
        if let kept = statements[sql] { return kept }
        let made = PostgreSQLStatement(sql, on: self)
        statements[sql] = made
        return made
    }

    /// A write holds the one lock of all writers of this database from its first statement to its commit, so that each
    /// sees all before it; PostgreSQL gives it up after the commit can be seen.
    package func begin(_ access: TransactionAccess) throws {
        let script =
            switch access {
            case .read: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
            case .write: "BEGIN; SELECT pg_advisory_xact_lock(\(Self.writerLock))"
            }
        if isBroken { try reconnect() }
        do {
            try execute(script)
        } catch  where isBroken {
            // It had broken before, unseen. Nothing was done on it, so a fresh one may begin.
            try reconnect()
            try execute(script)
        }
        hasBegun = true
    }

    package func commit() throws {
        hasBegun = false
        warning = nil
        let result = try answer(to: "COMMIT") { PQsendQuery(handle, "COMMIT") }
        defer { PQclear(result) }
        try check(result, "COMMIT")
        // A transaction that had failed is rolled back without complaint.
        guard let tag = PQcmdStatus(result), String(cString: tag) == "COMMIT" else {
            throw PostgreSQLError(state: "25P02", message: "the transaction had failed", statement: "COMMIT")
        }
        // Somebody has ended the wait for the standby: it is written here and perhaps nowhere else.
        if let warning { throw PostgreSQLError(state: "40003", message: warning, statement: "COMMIT") }
    }

    package func rollback() {
        hasBegun = false
        if isInTransaction { try? execute("ROLLBACK") }
    }

    package func createMigrationTable() throws {
        try execute(
            """
            CREATE TABLE IF NOT EXISTS migration (
                position BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, name TEXT NOT NULL UNIQUE,
                applied_at BIGINT NOT NULL
            )
            """)
    }

    /// The SQL of the statements prepared and kept so far, to ask `EXPLAIN` about what really runs.
    package var preparedSQL: Set<String> { Set(statements.keys) }

    /// The server's version, 15.6 being 150006.
    package var serverVersion: Int { Int(PQserverVersion(handle)) }

    /// The process of the server that serves this connection.
    package var backend: Int32 { PQbackendPID(handle) }

    func nextName() -> String {
        prepared += 1
        return "s\(prepared)"
    }

    /// Throws unless a statement has done its work.
    func check(_ result: OpaquePointer?, _ sql: String) throws {
        guard let result else { throw PostgreSQLError(handle, statement: sql) }
        switch PQresultStatus(result) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_COPY_IN, PGRES_COPY_OUT: return
        default: throw PostgreSQLError(result: result, statement: sql)
        }
    }

    /// Gives the connection up: its server has fallen silent, and whoever asks for another is told so at once.
    func abandon(_ error: PostgreSQLError) {
        isReady = false
        shutdown(PQsocket(handle), Int32(SHUT_RDWR))
        gate.close(error)
    }

    func warn(_ warning: String) { self.warning = warning }

    private func reconnect() throws {
        statements = [:]
        isReady = false
        try gate.pass {
            PQreset(handle)
            guard PQstatus(handle) == CONNECTION_OK else { throw PostgreSQLError(handle) }
        }
        try prepareSession()
    }

    private func prepareSession() throws {
        keepWarnings()
        isReady = true
        guard !setup.isEmpty else { return }
        do {
            try execute(setup)
        } catch {
            isReady = false
            throw error
        }
    }

    /// One number for all versions: processes of different versions must not write beside each other.
    private static let writerLock: Int64 = 0x70_75_6c_69_68

    static func connect(_ parameters: [(String, String)]) -> OpaquePointer {
        guard let handle = withKeywords(parameters, { PQconnectdbParams($0, $1, 1) }) else {
            fatalError("out of memory")
        }
        return handle
    }
}

@available(*, unavailable) extension PostgreSQLConnection: Sendable {}

/// Passes keywords and values as libpq takes them.
func withKeywords<Result>(
    _ parameters: [(String, String)],
    _ body: (_ keywords: [UnsafePointer<CChar>?], _ values: [UnsafePointer<CChar>?]) -> Result
) -> Result {
    let keywords = parameters.map { strdup($0.0) }
    let values = parameters.map { strdup($0.1) }
    defer { for word in keywords + values { free(word) } }
    func list(_ words: [UnsafeMutablePointer<CChar>?]) -> [UnsafePointer<CChar>?] {
        words.map { UnsafePointer($0) } + [nil]
    }
    return body(list(keywords), list(values))
}
