import Domain
import Store
import Support
import Testing

@Suite("Commits in the log")
struct WriteAheadLogTests {
    @Test("Writes that share a commit are one transaction in the log, and a write that changes nothing is none")
    func oneTransaction() throws {
        let fixture = try TemporarySQLiteDatabase()
        let (database, now) = (fixture.database, fixture.clock.now())
        let before = try WriteAheadLog(database: fixture.path).commits
        let results = try Batch(database).run(
            (0..<10).map { number in
                { try $0.enqueue(NewJob(kind: "mail-test", payload: "\(number)", createdAt: now)) }
            })
        #expect(results.allSatisfy { $0.failure == nil })
        // The write that kept the writer busy made none.
        #expect(try WriteAheadLog(database: fixture.path).commits == before + 1)
    }
}
