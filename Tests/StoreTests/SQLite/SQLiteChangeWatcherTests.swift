import Domain
import Store
import Support
import Testing

@Suite("Change watcher of SQLite")
struct SQLiteChangeWatcherTests {
    private static let insert = "INSERT INTO job (kind, payload) VALUES ('reset-request', '{}');"

    @Test("After a commit of its own process it falls silent by itself, even when every ring looks at the database")
    func ownCommit() throws {
        let fixture = try TemporarySQLiteDatabase()
        let (database, now) = (fixture.database, fixture.clock.now())
        let bell = Bell()
        let watcher = try fixture.database.watchChanges {
            _ = try? database.read { try $0.hasWork(at: now) }
            bell.ring()
        }
        defer { watcher.close() }
        _ = try database.write { try $0.enqueue(NewJob(kind: "mail-test", payload: "", createdAt: now)) }
        #expect(bell.rang(beyond: 0, within: .seconds(5)))
        // Longer than its last look after an event.
        #expect(!bell.rang(beyond: 1, within: .milliseconds(250)))
    }

    @Test("What happens beside the log rings nothing")
    func besideTheLog() throws {
        let fixture = try TemporarySQLiteDatabase()
        let bell = Bell()
        let watcher = try fixture.database.watchChanges { bell.ring() }
        defer { watcher.close() }
        try fixture.folder.write("beside", to: "other.db-wal")
        #expect(!bell.rang(beyond: 0, within: .milliseconds(250)))
    }

    @Test("It sees commits through a log that was truncated and through a symbolic link")
    func truncatedLog() throws {
        let fixture = try TemporarySQLiteDatabase()
        let link = try TemporaryFolder()
        #expect(symlinkFile(fixture.path, link.file("link.db")))
        let bell = Bell()
        let watcher = try SQLiteEngine(path: link.file("link.db")).watchChanges { bell.ring() }
        defer { watcher.close() }
        try fixture.shell("PRAGMA wal_checkpoint(TRUNCATE);")
        let before = bell.count
        try fixture.shell(Self.insert)
        #expect(bell.rang(beyond: before, within: .seconds(5)))
    }
}
