extension Connection {
    /// Runs `body` in a write transaction that holds the lock from its start: a deferred one that upgrades later fails
    /// at once when another writer was quicker, whatever the busy timeout says.
    package func transaction<Result>(_ body: () throws -> Result) throws -> Result {
        try run("BEGIN IMMEDIATE")
        do {
            let result = try body()
            try run("COMMIT")
            return result
        } catch {
            // What went wrong first is what the caller must hear of.
            if isInTransaction { try? execute("ROLLBACK") }
            throw error
        }
    }

    /// Runs `body` in a savepoint of the open transaction: what it changed is undone when it throws, and nothing else.
    ///
    /// After some errors, such as a full disk, SQLite rolls the whole transaction back: look at `isInTransaction`.
    package func savepoint<Result>(_ body: () throws -> Result) throws -> Result {
        try run("SAVEPOINT work")
        do {
            let result = try body()
            try run("RELEASE work")
            return result
        } catch {
            if isInTransaction {
                do {
                    try execute("ROLLBACK TO work; RELEASE work")
                } catch {
                    // Half of a change must not be committed with what others wrote.
                    try? execute("ROLLBACK")
                }
            }
            throw error
        }
    }

    /// Runs `body` against one unchanging picture of the database.
    package func snapshot<Result>(_ body: () throws -> Result) throws -> Result {
        try run("BEGIN")
        defer { if isInTransaction { try? execute("ROLLBACK") } }
        return try body()
    }
}
