import CPostgreSQL
package import SQL

/// Transactions, which must not outlive their connection.
extension PostgreSQLConnection {
    /// One number for all versions: processes of different versions must not write beside each other.
    private static let writerLock: Int64 = 0x70_75_6c_69_68

    /// A write holds the one lock of all writers of this database from its first statement to its commit, so that each
    /// sees all before it; PostgreSQL gives it up after the commit can be seen.
    package func begin(_ access: TransactionAccess) throws {
        let script =
            switch access {
            case .read: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
            case .write: "BEGIN ISOLATION LEVEL READ COMMITTED; SELECT pg_advisory_xact_lock(\(Self.writerLock))"
            }
        if isBroken { try reconnect() }
        do {
            try start(script)
        } catch  where isBroken {
            // It had broken before, unseen. Nothing was done on it, so a fresh one may begin.
            try reconnect()
            try start(script)
        }
        hasBegun = true
    }

    /// A transaction whose turn to write does not come has begun all the same, and must not stay open.
    private func start(_ script: String) throws {
        do {
            try execute(script)
        } catch {
            rollback()
            throw error
        }
    }

    package func commit() throws {
        defer { hasBegun = false }
        warning = nil
        let result = try answer(to: try preparedStatement("COMMIT").prepared([]))
        defer { PQclear(result) }
        // A transaction that had failed is rolled back without complaint.
        guard let tag = PQcmdStatus(result), String(cString: tag) == "COMMIT" else {
            throw PostgreSQLError(state: "25P02", message: "the transaction had failed", statement: "COMMIT")
        }
        // Somebody has ended the wait for the standby: it is written here and perhaps nowhere else.
        if let warning { throw PostgreSQLError(state: "40003", message: warning, statement: "COMMIT") }
    }

    package func rollback() {
        hasBegun = false
        posted = []
        if isInTransaction { try? execute("ROLLBACK") }
    }
}
