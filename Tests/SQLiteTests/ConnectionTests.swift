import SQL
import SQLite
import Support
import Testing

@Suite("Connections")
struct ConnectionTests {
    private let fixture: Fixture
    private var connection: SQLiteConnection { fixture.connection }

    init() throws { fixture = try Fixture() }

    @Test("A database that cannot be opened is an error with the path")
    func cannotOpen() throws {
        let error = try #require(throws: SQLiteError.self) {
            try SQLiteConnection(path: "/nonexistent/x.db", role: .writer)
        }
        #expect(error.message == "cannot open /nonexistent/x.db: unable to open database file")
    }

    @Test("A reader does not create a database")
    func readerCreatesNothing() throws {
        let folder = try TemporaryFolder()
        #expect(throws: SQLiteError.self) { try SQLiteConnection(path: folder.file("none.db"), role: .reader) }
    }

    @Test("A file that is no database is damaged")
    func damaged() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(String(repeating: "no database. ", count: 900), to: "text.db")
        let error = try #require(throws: SQLiteError.self) { try SQLiteConnection(path: path, role: .writer) }
        #expect(error.cause == .damaged)
    }

    @Test("A place that cannot have a write-ahead log is refused: nothing here would be durable as promised")
    func noLog() throws {
        let error = try #require(throws: SQLiteError.self) { try SQLiteConnection(path: ":memory:", role: .writer) }
        #expect(error.message == ":memory: cannot have a write-ahead log where it lies")
    }

    @Test("The log's header is another after each commit, also of a log begun anew, and the same after all else")
    func logHeader() throws {
        try connection.execute("CREATE TABLE pile (thing INTEGER)")
        let header = try LogHeader(path: fixture.path)
        var seen = [try #require(header.words)]
        let other = try fixture.another(.writer)
        // With the log emptied in between, its frames have the same places again.
        for round in 0..<6 {
            let writer = round % 2 == 0 ? connection : other
            try writer.run("INSERT INTO pile VALUES (1)")
            let words = try #require(header.words)
            #expect(!seen.contains(words))
            seen.append(words)
            _ = try other.all("SELECT thing FROM pile") { $0.integer(0) }
            try? other.transaction {
                try other.run("INSERT INTO pile VALUES (2)")
                #expect(header.words == words)
                throw SQLiteError(code: 1, message: "undone")
            }
            #expect(header.words == words)
            if round % 3 == 2 { #expect(try connection.checkpoint(waiting: 1000)) }
        }
        #expect(Set(seen).count == 7)
    }

    @Test("A checkpoint empties the log; a reader in the way is told, and loses nothing")
    func checkpoint() throws {
        try connection.execute("CREATE TABLE pile (thing INTEGER); INSERT INTO pile VALUES (1)")
        #expect(connection.framesInLog > 0)
        let reader = try fixture.another(.reader)
        let count = { try reader.first("SELECT count(*) FROM pile") { $0.integer(0) } }
        try reader.snapshot {
            #expect(try count() == 1)
            try connection.run("INSERT INTO pile VALUES (2)")
            #expect(try !connection.checkpoint(waiting: 10))
            #expect(connection.framesInLog > 0)
            #expect(try count() == 1)
        }
        #expect(try connection.checkpoint(waiting: 10))
        #expect(connection.framesInLog == 0)
        #expect(try count() == 2)
    }

    @Test("A migration that fails undoes all that came with it; those that succeed are told by name")
    func migrations() throws {
        let good = Migration("one", "CREATE TABLE a (x INTEGER); CREATE TABLE b (x INTEGER);")
        let bad = Migration("two", "CREATE TABLE c (x INTEGER); CREATE TABLE a (x INTEGER);")
        #expect(throws: SQLiteError.self) { try connection.migrate([good, bad], now: 1) }
        let tables = { try connection.all("SELECT name FROM sqlite_schema WHERE type = 'table'") { $0.text(0) } }
        #expect(try tables().isEmpty)
        #expect(try connection.migrate([good], now: 2) == ["one"])
        #expect(try connection.migrate([good], now: 3) == [])
        let better = Migration("two", "CREATE TABLE c (x INTEGER)")
        #expect(try connection.migrate([good, better], now: 4) == ["two"])
        let rows = try connection.all("SELECT position, name, applied_at FROM migration ORDER BY position") {
            "\($0.integer(0)) \($0.text(1)) \($0.integer(2))"
        }
        #expect(rows == ["1 one 2", "2 two 4"])
    }

    @Test("A database with a migration that is not known here is refused, untouched")
    func newer() throws {
        let one = Migration("one", "CREATE TABLE a (x INTEGER)")
        let two = Migration("two", "CREATE TABLE b (x INTEGER)")
        try connection.migrate([one, two], now: 1)
        let three = Migration("three", "CREATE TABLE c (x INTEGER)")
        for (known, unknown) in [([one], ["two"]), ([three], ["one", "two"])] {
            let refusal = try #require(throws: NewerSchemaError.self) { try connection.migrate(known, now: 2) }
            #expect(refusal.unknown == unknown)
        }
        #expect(try connection.migrate([one, two], now: 3).isEmpty)
    }
}
