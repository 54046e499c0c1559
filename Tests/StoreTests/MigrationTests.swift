import Domain
import SQL
import SQLite
import Support
import Testing

@testable import Store

@Suite("Migrations")
struct MigrationTests {
    @Test("A fresh database gets every migration, in order, with the time")
    func fresh() throws {
        let fixture = try TemporaryDatabase()
        let expected = SQLiteMigrations.all.map { "\($0.name)|\(fixture.clock.now().milliseconds)" }.joined(
            separator: "\n")
        #expect(try fixture.shell("SELECT name, applied_at FROM migration ORDER BY position;") == expected)
        #expect(try fixture.shell("PRAGMA integrity_check; PRAGMA foreign_key_check;") == "ok")
    }

    @Test("Opening again changes nothing and loses nothing")
    func repeated() throws {
        let fixture = try TemporaryDatabase()
        let now = fixture.clock.now()
        _ = try fixture.database.write { try $0.enqueue(NewJob(kind: "mail-test", payload: "{}", createdAt: now)) }
        let before = try fixture.dump()
        fixture.clock.advance(.days(1))
        try fixture.another().close()
        #expect(try fixture.dump() == before)
    }

    @Test("A database that a newer program has changed is refused with a sentence, untouched")
    func newer() throws {
        let fixture = try TemporaryDatabase()
        _ = try fixture.shell("INSERT INTO migration (name, applied_at) VALUES ('passkeys', 1);")
        let before = try fixture.dump()
        let error = try #require(throws: StoreError.self) { try fixture.another() }
        #expect(
            error.sentence == "The database \(fixture.path) was made by a newer version of Pulih. Use that version, or "
                + "restore a backup that this one made.")
        #expect(error.detail == "unknown migrations: passkeys")
        #expect(try fixture.dump() == before)
    }

    @Test("A file that is no database is refused with a sentence")
    func noDatabase() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(String(repeating: "This is no database. ", count: 400), to: "pulih.db")
        let error = try #require(throws: StoreError.self) { try Database(path: path, clock: FixedClock()) }
        #expect(error.sentence == "\(path) is not a database or is damaged. Restore it from a backup.")
    }

    @Test("A folder that is not there is refused, and the sentence names the file")
    func noFolder() throws {
        let path = "/nonexistent/pulih.db"
        let error = try #require(throws: StoreError.self) { try Database(path: path, clock: FixedClock()) }
        #expect(error.sentence.contains("\(path).lock cannot be opened: No such file or directory."))
    }

    @Test("Many that open one new database at once all get it, and it is made once")
    func race() throws {
        for _ in 0..<30 {
            let folder = try TemporaryFolder()
            let path = folder.file("pulih.db")
            _ = try inParallel(8) { _ in try Database(path: path, clock: FixedClock()).close() }
            let rows = try Subprocess.output(of: "sqlite3", [path, "SELECT count(*) FROM migration"])
            #expect(rows == "\(SQLiteMigrations.all.count)")
        }
    }

    @Test("A database reached through a symbolic link has one lock file, beside the real one")
    func symbolicLink() throws {
        let fixture = try TemporaryDatabase()
        let link = fixture.folder.file("link.db")
        #expect(symlinkFile(fixture.path, link))
        try Database(path: link, clock: fixture.clock).close()
        let names = try fixture.folder.names()
        #expect(names.filter { $0.hasSuffix(".lock") } == ["pulih.db.lock"])
    }
}
