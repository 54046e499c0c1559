import PostgreSQL
import SQL
import Support
import Testing

/// Statements that nobody waits for travel with those that somebody does. That must change nothing but the time it takes.
@Suite("Posted statements on PostgreSQL")
struct PipelineTests {
    private struct Refusal: Error, Equatable {}

    private let fixture: PostgreSQLFixture
    private let connection: PostgreSQLConnection

    init() throws {
        fixture = try PostgreSQLFixture()
        connection = try PostgreSQLConnection([("dbname", fixture.url)])
        try connection.execute("CREATE TABLE pile (thing BIGINT PRIMARY KEY)")
    }

    private func post(_ thing: Int) throws {
        try connection.post("INSERT INTO pile (thing) VALUES ($1)", [.integer(thing)])
    }

    private func things() throws -> [Int64] {
        try connection.all("SELECT thing FROM pile ORDER BY thing") { $0.integer(0) }
    }

    /// What others see.
    private func committed() throws -> String { try fixture.execute("SELECT count(*) FROM pile") }

    @Test("What is posted is done before what is asked after it, and committed with it")
    func order() throws {
        try connection.transaction {
            try post(1)
            try post(2)
            #expect(try things() == [1, 2])
            try post(3)
        }
        #expect(try committed() == "3")
    }

    @Test("More than goes in one go is posted all the same")
    func many() throws {
        try connection.transaction { for thing in 0..<1000 { try post(thing) } }
        #expect(try committed() == "1000")
    }

    @Test("Outside of a transaction a posted statement is done at once")
    func outside() throws {
        try post(1)
        #expect(try committed() == "1")
    }

    /// Runs `body` in a savepoint.
    private func failure(_ body: () throws -> Void) -> (any Error)? {
        do {
            try connection.savepoint(body)
            return nil
        } catch {
            return error
        }
    }

    @Test("What fails of what was posted is told by the next question, in its own words")
    func failure() throws {
        let failures = try connection.transaction {
            [
                failure { try post(1) },
                failure {
                    try post(1)
                    try post(2)
                    _ = try things()
                },
                failure { try post(3) },
            ]
        }
        #expect(failures[0] == nil && failures[2] == nil)
        let told = try #require(failures[1] as? PostgreSQLError)
        #expect(told.state == "23505")
        #expect(told.statement.hasPrefix("INSERT"))
        #expect(try things() == [1, 3])
    }

    @Test("What fails of what was posted last fails its savepoint, and undoes it alone")
    func failureAtTheEnd() throws {
        let failures = try connection.transaction {
            [
                failure { try post(1) },
                failure { try post(1) },
                failure {
                    try post(2)
                    throw Refusal()
                },
                failure { throw Refusal() },
                failure { try post(3) },
            ]
        }
        #expect(failures[0] == nil && failures[4] == nil)
        #expect((failures[1] as? PostgreSQLError)?.state == "23505")
        #expect(failures[2] is Refusal && failures[3] is Refusal)
        #expect(try things() == [1, 3])
    }

    @Test("Questions asked in one go are answered each, after what was posted, however many there are")
    func questions() throws {
        let asked = (0..<150).map { Question("SELECT thing FROM pile WHERE thing = $1", [.integer($0)]) }
        var found: [Int: Int64] = [:]
        try connection.transaction {
            for thing in stride(from: 1, to: 150, by: 2) { try post(thing) }
            try connection.ask(asked) { number, row in found[number] = row.integer(0) }
        }
        #expect(found.count == 75)
        #expect(found.allSatisfy { $0.key == Int($0.value) })
    }

    @Test("Of questions asked in one go the one that fails is told, and nothing of them is kept")
    func failedQuestion() throws {
        let told = try connection.transaction {
            let asked = [1, 1, 2].map { Question("INSERT INTO pile (thing) VALUES ($1)", [.integer($0)]) }
            return failure { try connection.ask(asked) { _, _ in } }
        }
        #expect((told as? PostgreSQLError)?.state == "23505")
        #expect(try things().isEmpty)
    }

    @Test("What fails at the commit fails it: nothing is committed, and the next transaction is sound")
    func failureAtTheCommit() throws {
        #expect(throws: PostgreSQLError.self) {
            try connection.transaction {
                try post(1)
                try post(1)
            }
        }
        #expect(try committed() == "0")
        try connection.transaction { try post(2) }
        #expect(try things() == [2])
    }

    @Test("What was posted is gone with its transaction")
    func rollback() throws {
        #expect(throws: Refusal()) {
            try connection.transaction {
                try post(1)
                throw Refusal()
            }
        }
        try connection.transaction { try post(2) }
        #expect(try things() == [2])
    }

    @Test("A connection that breaks takes all with it that was posted")
    func broken() throws {
        try connection.transaction { try post(1) }
        #expect(throws: PostgreSQLError.self) {
            try connection.transaction {
                try post(2)
                try fixture.execute("SELECT pg_terminate_backend(\(connection.backend))")
                try post(3)
            }
        }
        try connection.transaction { try post(4) }
        #expect(try things() == [1, 4])
    }
}
