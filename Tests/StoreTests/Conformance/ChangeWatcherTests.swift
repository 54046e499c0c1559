import Domain
import Store
import Support
import Testing
import Threading

@Suite("Change watcher")
struct ChangeWatcherTests {
    private static let insert = "INSERT INTO job (kind, payload) VALUES ('reset-request', '{}');"

    @Test("It rings soon after another process has committed, again and again", arguments: TestEngine.allCases)
    func otherProcess(engine: TestEngine) throws {
        let fixture = try TemporaryDatabase(on: engine)
        let bell = Bell()
        let watcher = try fixture.database.watchChanges { bell.ring() }
        defer { watcher.close() }
        for _ in 0..<3 {
            let before = bell.count
            try fixture.execute(Self.insert)
            // The outside program has ended by now. A poll would take up to a second; the bound is for a busy machine.
            #expect(bell.rang(beyond: before, within: .milliseconds(500)))
        }
    }

    @Test("When it rings, the commit can be seen", arguments: TestEngine.allCases)
    func visible(engine: TestEngine) throws {
        let fixture = try TemporaryDatabase(on: engine)
        let database = fixture.database
        let seen = Monitor<[Bool]>([])
        let watcher = try database.watchChanges {
            let hasWork = (try? database.read { try $0.hasWork(at: Instant(milliseconds: 0)) }) ?? false
            seen.withLock { $0.append(hasWork) }
        }
        defer { watcher.close() }
        try fixture.execute(Self.insert)
        #expect(seen.wait(timeout: .seconds(5)) { $0.first } == true)
    }

    @Test("What is rolled back rings nothing", arguments: TestEngine.allCases)
    func rolledBack(engine: TestEngine) throws {
        let fixture = try TemporaryDatabase(on: engine)
        let bell = Bell()
        let watcher = try fixture.database.watchChanges { bell.ring() }
        defer { watcher.close() }
        try fixture.execute("BEGIN; \(Self.insert) ROLLBACK;")
        #expect(!bell.rang(beyond: 0, within: .milliseconds(250)))
    }
}
