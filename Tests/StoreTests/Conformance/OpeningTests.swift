import Domain
import Store
import Support
import Testing

@Suite("Opening the database")
struct OpeningTests {
    @Test("Opening again changes nothing and loses nothing", arguments: TestEngine.allCases)
    func repeated(engine: TestEngine) throws {
        let fixture = try TemporaryDatabase(on: engine)
        let now = fixture.clock.now()
        _ = try fixture.database.write { try $0.enqueue(NewJob(kind: "mail-test", payload: "{}", createdAt: now)) }
        let before = try fixture.dump()
        fixture.clock.advance(.days(1))
        try fixture.another().close()
        #expect(try fixture.dump() == before)
    }

    @Test(
        "A database that a newer program has changed is refused with a sentence, untouched",
        arguments: TestEngine.allCases)
    func newer(engine: TestEngine) throws {
        let fixture = try TemporaryDatabase(on: engine)
        try fixture.execute("INSERT INTO migration (name, applied_at) VALUES ('passkeys', 1);")
        let before = try fixture.dump()
        let error = try #require(throws: StoreError.self) { try fixture.another() }
        #expect(
            error.sentence == "The database \(fixture.name) was made by a newer version of Pulih. Use that version, or "
                + "restore a backup that this one made.")
        #expect(error.detail == "unknown migrations: passkeys")
        #expect(try fixture.dump() == before)
    }

    @Test("Many that open one new database at once all get it, and it is made once", arguments: TestEngine.allCases)
    func race(engine: TestEngine) throws {
        let migrations = "SELECT name, applied_at FROM migration ORDER BY position;"
        let expected = try TemporaryDatabase(on: engine).execute(migrations)
        #expect(!expected.isEmpty)
        for _ in 0..<30 {
            let place = try engine.makeFixture()
            _ = try inParallel(8) { _ in try place.open(clock: FixedClock()).close() }
            #expect(try place.execute(migrations) == expected)
        }
    }
}
