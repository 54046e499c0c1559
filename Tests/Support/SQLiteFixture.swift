package import Store

/// A SQLite database in a folder of its own, reached from outside through the `sqlite3` shell.
package struct SQLiteFixture: EngineFixture {
    package let folder: TemporaryFolder

    /// - Parameter folder: of whoever configures the database; one of its own when nil.
    package init(in folder: TemporaryFolder? = nil) throws { self.folder = try folder ?? TemporaryFolder() }

    package var path: String { folder.file("pulih.db") }
    package var engine: any StoreEngine { SQLiteEngine(path: path) }
    /// For a configuration in the same folder.
    package var setting: String { "database: { path: \"pulih.db\" }" }

    package func hex(_ column: String) -> String { "hex(\(column))" }

    @discardableResult
    package func execute(_ sql: String) throws -> String {
        // Checkpoints are left to us.
        let manners = ".timeout 10000\n.output /dev/null\nPRAGMA wal_autocheckpoint = 0;\n.output\n"
        return try Subprocess.output(of: "sqlite3", ["-batch", "-bail", path], input: manners + sql + "\n")
    }

    package func tamper(_ sql: String) throws {
        try execute("DROP TRIGGER audit_event_no_update; DROP TRIGGER audit_event_no_delete; \(sql)")
    }

    package func dump(without table: String?) throws -> String {
        let dump = try execute(".dump")
        guard let table else { return dump }
        return dump.split(separator: "\n").filter { !$0.hasPrefix("INSERT INTO \(table)") }.joined(separator: "\n")
    }
}

/// A database of its own for one test of what only SQLite has: files, a write-ahead log, settings.
package struct TemporarySQLiteDatabase: Sendable {
    private let fixture: SQLiteFixture
    private let temporary: TemporaryDatabase

    package init(clock: FixedClock = FixedClock()) throws {
        fixture = try SQLiteFixture()
        temporary = try TemporaryDatabase(in: fixture, clock: clock)
    }

    package var folder: TemporaryFolder { fixture.folder }
    package var path: String { fixture.path }
    package var clock: FixedClock { temporary.clock }
    package var database: Database { temporary.database }

    package func another() throws -> Database { try temporary.another() }

    /// As `EngineFixture` does, but anything that the `sqlite3` shell knows.
    @discardableResult
    package func shell(_ input: String) throws -> String { try fixture.execute(input) }

    package func dump() throws -> String { try temporary.dump() }
}
