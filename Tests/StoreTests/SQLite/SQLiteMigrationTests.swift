import Domain
import SQL
import Support
import Testing

@testable import Store

@Suite("Migrations of SQLite, and its files")
struct SQLiteMigrationTests {
    @Test("A fresh database gets every migration, in order, with the time")
    func fresh() throws {
        let fixture = try TemporarySQLiteDatabase()
        let expected = SQLiteMigrations.all.map { "\($0.name)|\(fixture.clock.now().milliseconds)" }.joined(
            separator: "\n")
        #expect(try fixture.shell("SELECT name, applied_at FROM migration ORDER BY position;") == expected)
        #expect(try fixture.shell("PRAGMA integrity_check; PRAGMA foreign_key_check;") == "ok")
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

    @Test("A database reached through a symbolic link has one lock file, beside the real one")
    func symbolicLink() throws {
        let fixture = try TemporarySQLiteDatabase()
        let link = fixture.folder.file("link.db")
        #expect(symlinkFile(fixture.path, link))
        try Database(path: link, clock: fixture.clock).close()
        let names = try fixture.folder.names()
        #expect(names.filter { $0.hasSuffix(".lock") } == ["pulih.db.lock"])
    }
}
