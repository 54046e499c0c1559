import Domain
import Store
import Support
import Testing
import Threading

@Suite("Change watcher")
struct ChangeWatcherTests {
    private struct Bell {
        private let rings = Monitor(0)

        func ring() { rings.withLock { $0 += 1 } }
        var count: Int { rings.withLock { $0 } }

        /// Whether it has rung more than `count` times within the time.
        func rang(beyond count: Int, within timeout: Duration) -> Bool {
            rings.wait(timeout: timeout) { $0 > count ? true : nil } ?? false
        }
    }

    private static let insert = "INSERT INTO job (kind, payload) VALUES ('reset-request', '{}');"

    @Test("It rings soon after another process has committed, again and again")
    func otherProcess() throws {
        let fixture = try TemporaryDatabase()
        let bell = Bell()
        let watcher = try fixture.database.watchChanges { bell.ring() }
        defer { watcher.close() }
        for _ in 0..<3 {
            let before = bell.count
            _ = try fixture.shell(Self.insert)
            // The shell has ended by now. A poll would take up to a second; the bound is for a busy machine.
            #expect(bell.rang(beyond: before, within: .milliseconds(500)))
        }
    }

    @Test("When it rings, the commit can be seen")
    func visible() throws {
        let fixture = try TemporaryDatabase()
        let database = fixture.database
        let seen = Monitor<[Bool]>([])
        let watcher = try fixture.database.watchChanges {
            let hasWork = (try? database.read { try $0.hasWork(at: Instant(milliseconds: 0)) }) ?? false
            seen.withLock { $0.append(hasWork) }
        }
        defer { watcher.close() }
        _ = try fixture.shell(Self.insert)
        #expect(seen.wait(timeout: .seconds(5)) { $0.first } == true)
    }

    @Test("After a commit of its own process it falls silent by itself, even when every ring looks at the database")
    func ownCommit() throws {
        let fixture = try TemporaryDatabase()
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

    @Test("What is rolled back, and what happens beside the log, rings nothing")
    func nothingHappened() throws {
        let fixture = try TemporaryDatabase()
        let bell = Bell()
        let watcher = try fixture.database.watchChanges { bell.ring() }
        defer { watcher.close() }
        _ = try fixture.shell("BEGIN IMMEDIATE; \(Self.insert) ROLLBACK;")
        try fixture.folder.write("beside", to: "other.db-wal")
        #expect(!bell.rang(beyond: 0, within: .milliseconds(250)))
    }

    @Test("It sees commits through a log that was truncated and through a symbolic link")
    func truncatedLog() throws {
        let fixture = try TemporaryDatabase()
        let link = try TemporaryFolder()
        #expect(symlinkFile(fixture.path, link.file("link.db")))
        let bell = Bell()
        let watcher = try SQLiteEngine(path: link.file("link.db")).watchChanges { bell.ring() }
        defer { watcher.close() }
        _ = try fixture.shell("PRAGMA wal_checkpoint(TRUNCATE);")
        let before = bell.count
        _ = try fixture.shell(Self.insert)
        #expect(bell.rang(beyond: before, within: .seconds(5)))
    }
}
