import SQL
import SQLite
import Testing

@Suite("Transactions")
struct TransactionTests {
    private struct Refusal: Error, Equatable {}

    private let fixture: Fixture
    private var connection: SQLiteConnection { fixture.connection }

    init() throws {
        fixture = try Fixture()
        try fixture.connection.execute("CREATE TABLE pile (thing INTEGER UNIQUE) STRICT")
    }

    private func put(_ thing: Int) throws {
        try connection.run("INSERT INTO pile (thing) VALUES ($1)", [.integer(thing)])
    }

    private func things() throws -> [Int64] {
        try connection.all("SELECT thing FROM pile ORDER BY thing") { $0.integer(0) }
    }

    @Test("A transaction that throws changes nothing and passes the error on")
    func rollback() throws {
        #expect(throws: Refusal()) {
            try connection.transaction {
                try put(1)
                throw Refusal()
            }
        }
        #expect(try things().isEmpty)
        #expect(!connection.isInTransaction)
        #expect(try connection.transaction { try things() }.isEmpty)
    }

    @Test("A savepoint that throws undoes itself alone")
    func savepoint() throws {
        try connection.transaction {
            try put(1)
            #expect(throws: Refusal()) {
                try connection.savepoint {
                    try put(2)
                    throw Refusal()
                }
            }
            try connection.savepoint { try put(3) }
        }
        #expect(try things() == [1, 3])
    }

    @Test("A savepoint within a savepoint undoes itself alone")
    func nested() throws {
        try connection.transaction {
            try connection.savepoint {
                try put(1)
                try? connection.savepoint {
                    try put(2)
                    throw Refusal()
                }
                try put(3)
            }
        }
        #expect(try things() == [1, 3])
    }

    @Test("A full disk inside a savepoint ends the transaction, and whoever looks can tell")
    func full() throws {
        try connection.execute("CREATE TABLE big (thing BLOB NOT NULL CHECK (length(thing) > 0)) STRICT")
        try connection.execute("PRAGMA max_page_count = 20")
        var wasInTransaction = true
        let error = try #require(throws: SQLiteError.self) {
            try connection.transaction {
                try put(1)
                do {
                    try connection.savepoint {
                        let page = [UInt8](repeating: 1, count: 4_000)
                        for _ in 0..<50 { try connection.run("INSERT INTO big (thing) VALUES ($1)", [.blob(page)]) }
                    }
                } catch let error as SQLiteError where error.cause == .full {
                    wasInTransaction = connection.isInTransaction
                }
                try put(2)
                if !wasInTransaction { throw SQLiteError(code: 13, message: "full") }
            }
        }
        #expect(error.cause == .full)
        #expect(!wasInTransaction)
        try connection.execute("PRAGMA max_page_count = 1000")
        // 2 was put after SQLite had ended the transaction, by itself: that is what the look is for.
        #expect(try things() == [2])
    }

    @Test("A writer that finds the lock taken waits, then says so")
    func busy() throws {
        let other = try fixture.another(.writer, busyTimeout: 20)
        try connection.transaction {
            let error = try #require(throws: SQLiteError.self) { try other.transaction {} }
            #expect(error.cause == .busy)
        }
        try other.transaction {}
    }

    @Test("A snapshot stays the same while others write, and a reader cannot write")
    func snapshot() throws {
        let reader = try fixture.another(.reader)
        let count = { try reader.first("SELECT count(*) FROM pile") { $0.integer(0) } }
        try reader.snapshot {
            #expect(try count() == 0)
            try put(1)
            #expect(try count() == 0)
        }
        #expect(try count() == 1)
        #expect(throws: SQLiteError.self) { try reader.run("INSERT INTO pile (thing) VALUES (2)") }
    }

    @Test("An error tells its number, its kind and the statement, and no value")
    func errors() throws {
        try put(4711)
        let error = try #require(throws: SQLiteError.self) { try put(4711) }
        #expect(error.code == 2067)
        #expect(error.cause == .constraint)
        #expect(
            error.description
                == "SQLite 2067: UNIQUE constraint failed: pile.thing in: INSERT INTO pile (thing) VALUES ($1)")
        #expect(!error.description.contains("4711"))
        // The statement is kept and good for another go.
        try put(4712)
        #expect(try things() == [4711, 4712])
        let syntax = try #require(throws: SQLiteError.self) { try connection.run("SELEC 1") }
        #expect(syntax.statement == "SELEC 1")
    }

    @Test("The number of changed rows is that of this statement")
    func changes() throws {
        for thing in 1...5 { try put(thing) }
        #expect(try connection.run("UPDATE pile SET thing = thing + 10 WHERE thing > $1", [.integer(2)]) == 3)
        #expect(try connection.run("DELETE FROM pile WHERE thing = 99") == 0)
        #expect(try connection.run("INSERT INTO pile (thing) VALUES (1) ON CONFLICT (thing) DO NOTHING") == 0)
    }
}
