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
            if isInTransaction { try execute("ROLLBACK") }
            throw error
        }
    }

    /// Runs `body` in a savepoint of the open transaction: what it changed is undone when it throws, and nothing else.
    package func savepoint<Result>(_ body: () throws -> Result) throws -> Result {
        try run("SAVEPOINT work")
        do {
            let result = try body()
            try run("RELEASE work")
            return result
        } catch {
            // After a full disk SQLite has already rolled the whole transaction back.
            if isInTransaction { try execute("ROLLBACK TO work; RELEASE work") }
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
