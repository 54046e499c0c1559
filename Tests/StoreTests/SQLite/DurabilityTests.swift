import Domain
import SQL
import SQLite
import Support
import Testing

@testable import Store

@Suite("Durability")
struct DurabilityTests {
    private static let pragmas = [
        ("journal_mode", "wal"), ("synchronous", "2"), ("foreign_keys", "1"), ("wal_autocheckpoint", "0"),
    ]

    /// What the connection in use says of a setting.
    private static func setting(_ name: String, of transaction: any ReadTransaction) throws -> String? {
        try (transaction as? StoreTransaction)?.connection.first("PRAGMA \(name)") { $0.text(0) }
    }

    @Test("The writing connection: WAL, FULL, foreign keys, no checkpoint by itself", arguments: pragmas)
    func writer(name: String, value: String) throws {
        let fixture = try TemporarySQLiteDatabase()
        #expect(try fixture.database.write { try Self.setting(name, of: $0) } == value)
        #expect(try fixture.database.write { try Self.setting("query_only", of: $0) } == "0")
    }

    @Test("A reading connection: the same, and it can change nothing", arguments: pragmas)
    func reader(name: String, value: String) throws {
        let fixture = try TemporarySQLiteDatabase()
        #expect(try fixture.database.read { try Self.setting(name, of: $0) } == value)
        #expect(try fixture.database.read { try Self.setting("query_only", of: $0) } == "1")
    }

    @Test("A commit writes to the log and not to the database, however long the log gets")
    func noAutomaticCheckpoint() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("plain.db")
        let connection = try SQLiteConnection(path: path, role: .writer)
        try connection.execute("CREATE TABLE pile (thing BLOB)")
        let size = folder.size("plain.db")
        let page = [UInt8](repeating: 7, count: 4_000)
        for _ in 0..<15 {
            try connection.transaction {
                for _ in 0..<100 { try connection.run("INSERT INTO pile (thing) VALUES ($1)", [.blob(page)]) }
            }
        }
        #expect(connection.framesInLog > 1_500)
        #expect(folder.size("plain.db-wal") > 1_500 * 4_096)
        #expect(folder.size("plain.db") == size)
    }

    @Test("The last one to close leaves the log as it is, and what was written is there at the next start")
    func logSurvivesClose() throws {
        let folder = try TemporaryFolder()
        let (path, clock) = (folder.file("pulih.db"), FixedClock())
        let id: Int64
        do {
            let database = try Database(path: path, clock: clock)
            let now = clock.now()
            id = try database.write { try $0.enqueue(NewJob(kind: "mail-test", payload: "kept", createdAt: now)) }
            database.close()
        }
        let left = folder.size("pulih.db-wal")
        #expect(left > 0)
        let database = try Database(path: path, clock: clock)
        defer { database.close() }
        #expect(folder.size("pulih.db-wal") >= left)
        #expect(try database.read { try $0.job(id: id)?.payload } == "kept")
    }

    @Test("A write that returned is there after the process was killed: the log alone holds it")
    func killed() throws {
        let fixture = try TemporarySQLiteDatabase()
        let now = fixture.clock.now()
        _ = try fixture.database.write { try $0.enqueue(NewJob(kind: "mail-test", payload: "kept", createdAt: now)) }
        // What a killed process leaves behind: the files, and nobody who tidies up.
        let left = try TemporaryFolder()
        try Subprocess.output(of: "cp", [fixture.path, fixture.path + "-wal", left.path])
        #expect(try Subprocess.output(of: "sqlite3", [left.file("pulih.db"), "SELECT payload FROM job"]) == "kept")
    }

    @Test("SQLite's exposure to the log-reset fault is told by its version")
    func exposure() {
        // Debian 12 has 3.40.1; the fault was mended in 3.44.6, 3.50.7 and 3.51.3.
        let isMended = { (version: Int) in SQLiteEngine.exposed(version) == nil }
        #expect([3_044_006, 3_044_999, 3_050_007, 3_051_003, 3_052_000, 4_000_000].allSatisfy(isMended))
        #expect(
            [3_007_000, 3_040_001, 3_044_005, 3_045_000, 3_050_006, 3_051_000, 3_051_002].allSatisfy { !isMended($0) })
    }
}
