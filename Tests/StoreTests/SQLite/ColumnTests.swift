import Domain
import Store
import Support
import Testing

/// Engines differ in how strict they are with values; this is what SQLite does with them here.
@Suite("Values in columns of SQLite")
struct ColumnTests {
    @Test("A value of another type than its column's is refused")
    func strict() throws {
        let fixture = try TemporarySQLiteDatabase()
        let failure = try #require(throws: SupportFailure.self) {
            try fixture.shell("INSERT INTO job (kind, token) VALUES ('mail-test', 'none');")
        }
        #expect(failure.description.contains("cannot store TEXT"), "\(failure)")
    }

    @Test("Text is kept past a NUL in it")
    func nul() throws {
        let fixture = try TemporarySQLiteDatabase()
        let now = fixture.clock.now()
        try fixture.database.write { try $0.recordRateLimitHit(from: "a\u{0}b", at: now) }
        #expect(try fixture.database.read { try $0.rateLimitHits(from: "a\u{0}b", since: now) } == 1)
        #expect(try fixture.database.read { try $0.rateLimitHits(from: "a\u{0}c", since: now) } == 0)
    }
}
