/// One named change of the schema. Migrations are only ever appended: one that has been released is never edited.
package struct Migration: Sendable {
    package let name: String
    package let sql: String

    package init(_ name: String, _ sql: String) {
        self.name = name
        self.sql = sql
    }
}

/// The database holds migrations that this program does not know: a newer version has migrated it.
package struct NewerSchemaError: Error, Sendable, Equatable {
    /// Names recorded in the database and unknown here, in the order in which they were applied.
    package let unknown: [String]
}

extension Connection {
    /// Applies what is missing, in order, all in one transaction.
    /// - Parameter now: epoch milliseconds, recorded beside each name.
    /// - Returns: the names applied.
    /// - Throws: `NewerSchemaError`; nothing is changed then.
    @discardableResult
    package func migrate(_ migrations: [Migration], now: Int64) throws -> [String] {
        try transaction {
            try createMigrationTable()
            let applied = try all("SELECT name FROM migration ORDER BY position") { $0.text(0) }
            let known = Set(migrations.map(\.name))
            let unknown = applied.filter { !known.contains($0) }
            guard unknown.isEmpty else { throw NewerSchemaError(unknown: unknown) }
            let missing = migrations.filter { !applied.contains($0.name) }
            for migration in missing {
                try execute(migration.sql)
                try run(
                    "INSERT INTO migration (name, applied_at) VALUES ($1, $2)",
                    [.text(migration.name), .integer(now)])
            }
            return missing.map(\.name)
        }
    }
}
