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

    @Test(
        "User IDs that differ by case alone, from before that was refused: both stay, are named, and answer to their spelling"
    )
    func ambiguousUserIDs() throws {
        let fixture = try TemporarySQLiteDatabase()
        let database = fixture.database
        // As the version before left it: two accounts, and no trigger in their way.
        let triggers = try fixture.shell("SELECT sql || ';' FROM sqlite_master WHERE name LIKE 'account_user_key_%';")
        try fixture.shell(
            """
            DROP TRIGGER account_user_key_insert; DROP TRIGGER account_user_key_update;
            INSERT INTO account (user_id, user_type, email, language, created_at) VALUES
                ('Budi', 'penyedia', 'one@example.org', 'id', 0), ('budi', 'penyedia', 'two@example.org', 'id', 0),
                ('siti', 'penyedia', 'siti@example.org', 'id', 0);
            \(triggers)
            """)
        #expect(try database.read { try $0.ambiguousUserIDs(limit: 10) } == ["Budi", "budi"])
        #expect(try database.read { try $0.account(userID: "Budi")?.email } == "one@example.org")
        #expect(try database.read { try $0.account(userID: " budi ")?.email } == "two@example.org")
        #expect(try database.read { try $0.account(userID: "BUDI") } == nil)
        #expect(try database.read { try $0.account(userID: "SITI")?.email } == "siti@example.org")
        // What has nothing to do with the name goes on.
        try database.write { try $0.setActive(account: 1, false) }
        #expect(throws: (any Error).self) { try fixture.shell("UPDATE account SET user_id = 'bUDI' WHERE id = 1;") }
        let userID = try #require(UserID("budi.tua"))
        try database.write { try $0.rename(account: 1, to: userID) }
        #expect(try database.read { try $0.ambiguousUserIDs(limit: 10) } == [])
        #expect(try database.read { try $0.account(userID: "BUDI")?.email } == "two@example.org")
    }
}
