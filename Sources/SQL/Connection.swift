// SQL: what a relational database engine must offer, and what can be built on that for every engine. It knows no engine
// and no table; the room of each engine implements it. Begin here.

/// One connection to a database, used by one thread at a time. The caller ensures this.
package protocol Connection: AnyObject {
    /// Returns the prepared statement for this text. A connection keeps the statements that it has prepared.
    func statement(_ sql: String) throws -> any Statement

    /// Runs one or more statements that take no values and return no rows that are needed (schema, settings).
    func execute(_ script: String) throws

    /// Runs a statement of which nothing needs to be known but that it did its work. Inside a transaction an engine may send
    /// it along with a later one: its error then comes with that one, with `flush`, or with the commit.
    func post(_ sql: String, _ values: [Value]) throws

    /// Runs statements one after the other, and passes each row with the number of its statement to `body`. An engine may send
    /// them in one go.
    func ask(_ questions: [Question], _ body: (Int, any Row) throws -> Void) throws

    /// Waits until all that was posted has done its work.
    func flush() throws

    /// Begins a transaction.
    func begin(_ access: TransactionAccess) throws

    /// Commits the open transaction.
    func commit() throws

    /// Undoes the transaction that was begun, where the engine has not done so by itself.
    func rollback()

    /// Whether a transaction is open. An engine may roll back by itself, as SQLite does on a full disk.
    var isInTransaction: Bool { get }

    /// Whether the way to the database has broken: what was under way is lost, and if it was a commit, nobody knows. The next
    /// transaction begins on a new way.
    var isBroken: Bool { get }

    /// Creates the table `migration` unless it exists: `position` ascends by itself, `name` is unique text, `applied_at`
    /// is epoch milliseconds.
    func createMigrationTable() throws
}

extension Connection {
    package func post(_ sql: String, _ values: [Value]) throws { try run(sql, values) }

    package func post(_ sql: String) throws { try post(sql, []) }

    package func ask(_ questions: [Question], _ body: (Int, any Row) throws -> Void) throws {
        for (number, question) in questions.enumerated() {
            try statement(question.sql).run(question.values) { try body(number, $0) }
        }
    }

    package func flush() throws {}

    package func commit() throws { try run("COMMIT") }

    package func rollback() { if isInTransaction { _ = try? run("ROLLBACK") } }

    /// Runs one statement.
    /// - Returns: how many rows it changed.
    @discardableResult
    package func run(_ sql: String, _ values: [Value] = []) throws -> Int {
        try statement(sql).run(values) { _ in }
    }

    /// Returns all rows of a query, in its order.
    package func all<Element>(
        _ sql: String, _ values: [Value] = [], _ body: (any Row) throws -> Element
    ) throws -> [Element] {
        var elements: [Element] = []
        try statement(sql).run(values) { elements.append(try body($0)) }
        return elements
    }

    /// Returns the rows of each of several queries.
    package func all<Element>(_ questions: [Question], _ body: (any Row) throws -> Element) throws -> [[Element]] {
        var answers = [[Element]](repeating: [], count: questions.count)
        try ask(questions) { answers[$0].append(try body($1)) }
        return answers
    }

    /// Returns the first row of a query, or nil.
    package func first<Element>(
        _ sql: String, _ values: [Value] = [], _ body: (any Row) throws -> Element
    ) throws -> Element? {
        var element: Element?
        try statement(sql).run(values) { if element == nil { element = try body($0) } }
        return element
    }
}
