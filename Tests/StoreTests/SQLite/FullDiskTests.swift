import Domain
import SQL
import Support
import Testing

@testable import Store

/// SQLite rolls a whole batch back by itself when there is no room; its size is bounded by a setting.
@Suite("A full disk")
struct FullDiskTests {
    private static func job(_ number: Int, at now: Instant) -> NewJob {
        NewJob(kind: "mail-test", payload: "\(number)", createdAt: now)
    }

    private static func enqueue(_ number: Int, at now: Instant) -> Batch.Write<Int64> {
        { try $0.enqueue(job(number, at: now)) }
    }

    /// More than fits on the disk. Of rows without a trigger: where there is one, SQLite undoes the statement alone, and
    /// the other writes go on.
    private static func fill(at now: Instant) -> Batch.Write<Int64> {
        { transaction in
            for _ in 1...100 {
                try transaction.append(
                    AuditEvent(
                        name: .policyChanged, at: now, actor: "operator:test", subject: "disk", address: nil,
                        detail: String(repeating: "x", count: 4_000)))
            }
            return 0
        }
    }

    @Test("A full disk fails everyone in the batch, leaves nothing half done, and heals when there is room again")
    func fullDisk() throws {
        let fixture = try TemporarySQLiteDatabase()
        let (database, now) = (fixture.database, fixture.clock.now())
        _ = try database.write { try $0.enqueue(Self.job(-1, at: now)) }
        try limitPages(of: database, to: 80)
        let before = try fixture.dump()

        let results = try Batch(database).run([
            Self.enqueue(0, at: now), Self.fill(at: now), Self.enqueue(1, at: now),
        ])
        for result in results {
            let error = try #require(result.failure as? StoreError)
            #expect(error.sentence.contains("full"), "\(error)")
        }
        #expect(try fixture.dump() == before)

        try limitPages(of: database, to: 100_000)
        let again = try Batch(database).run([Self.enqueue(2, at: now), Self.enqueue(3, at: now)])
        #expect(again.allSatisfy { $0.failure == nil })
        #expect(try fixture.shell("PRAGMA integrity_check; SELECT payload FROM job ORDER BY id;") == "ok\n-1\n2\n3")
    }

    @Test("A body that swallows the error of a full disk is told that nothing was written")
    func swallowedError() throws {
        let fixture = try TemporarySQLiteDatabase()
        let (database, now) = (fixture.database, fixture.clock.now())
        try limitPages(of: database, to: 80)
        #expect(throws: StoreError.self) { try database.write { _ = try? Self.fill(at: now)($0) } }
        #expect(try database.read { try $0.auditEvents(AuditFilter(), limit: 5) }.isEmpty)
    }

    private func limitPages(of database: Database, to pages: Int) throws {
        try database.write { try ($0 as? StoreTransaction)?.connection.execute("PRAGMA max_page_count = \(pages)") }
    }
}
