/// What a transaction may do, fixed when it begins.
package enum TransactionAccess: Sendable {
    /// Reads one unchanging snapshot of the database.
    case read
    /// Reads and writes. The lock or the isolation that this needs is taken at the start, not at the first write.
    case write
}

extension Connection {
    /// Runs `body` in a write transaction and commits it; when `body` throws, its changes are undone.
    package func transaction<Result>(_ body: () throws -> Result) throws -> Result {
        try begin(.write)
        do {
            let result = try body()
            try commit()
            return result
        } catch {
            // The first error is the one to report.
            rollback()
            throw error
        }
    }

    /// Runs `body` in a savepoint of the open transaction. When it throws, only its own changes are undone.
    ///
    /// An engine may have rolled back the whole transaction by itself: check `isInTransaction` afterwards.
    package func savepoint<Result>(_ body: () throws -> Result) throws -> Result {
        try post("SAVEPOINT work")
        do {
            let result = try body()
            // What fails must fail here, where it can be undone alone.
            try flush()
            try post("RELEASE SAVEPOINT work")
            return result
        } catch {
            if isInTransaction {
                do {
                    try execute("ROLLBACK TO SAVEPOINT work; RELEASE SAVEPOINT work")
                } catch {
                    // Half of a change must not be committed with what others wrote.
                    try? execute("ROLLBACK")
                }
            }
            throw error
        }
    }

    /// Runs `body` against one unchanging snapshot of the database.
    package func snapshot<Result>(_ body: () throws -> Result) throws -> Result {
        try begin(.read)
        defer { rollback() }
        let result = try body()
        try flush()
        return result
    }
}
