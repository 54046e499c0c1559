import SQL

/// Counts what somebody waits for an answer to. With a server each is a way there and back.
final class CountingConnection: Connection {
    private let connection: any Connection
    private(set) var waits = 0
    private var hasPosted = false

    init(_ connection: any Connection) { self.connection = connection }

    var isInTransaction: Bool { connection.isInTransaction }
    var isBroken: Bool { connection.isBroken }

    private func count() {
        waits += 1
        hasPosted = false
    }

    func statement(_ sql: String) throws -> any Statement {
        CountedStatement(statement: try connection.statement(sql), count: count)
    }

    func execute(_ script: String) throws {
        count()
        try connection.execute(script)
    }

    func post(_ sql: String, _ values: [Value]) throws {
        hasPosted = true
        try connection.post(sql, values)
    }

    func ask(_ questions: [Question], _ body: (Int, any Row) throws -> Void) throws {
        if !questions.isEmpty { count() }
        try connection.ask(questions, body)
    }

    func flush() throws {
        if hasPosted { count() }
        try connection.flush()
    }

    func begin(_ access: TransactionAccess) throws {
        count()
        try connection.begin(access)
    }

    func commit() throws {
        count()
        try connection.commit()
    }

    func rollback() { connection.rollback() }

    func createMigrationTable() throws { try connection.createMigrationTable() }
}

private final class CountedStatement: Statement {
    private let statement: any Statement
    private let count: () -> Void

    init(statement: any Statement, count: @escaping () -> Void) { (self.statement, self.count) = (statement, count) }

    func run(_ values: [Value], _ body: (any Row) throws -> Void) throws -> Int {
        count()
        return try statement.run(values, body)
    }
}

@available(*, unavailable) extension CountingConnection: Sendable {}
@available(*, unavailable) extension CountedStatement: Sendable {}
