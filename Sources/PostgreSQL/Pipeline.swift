import CPostgreSQL
package import SQL

/// A prepared statement with its values.
struct PreparedQuestion {
    let sql: String
    /// Of the prepared statement.
    let name: String
    let values: [Value]
}

/// Sending several statements in one go (PostgreSQL's documentation, section 34.5): what nobody waits for travels with what
/// somebody does, so that a transaction takes fewer ways to the server and back than it has statements.
extension PostgreSQLConnection {
    /// So many go at most: neither side is to fill the way with what the other does not take.
    private static let mostAtOnce = 64

    package func post(_ sql: String, _ values: [Value]) throws {
        guard hasBegun else {
            try run(sql, values)
            return
        }
        posted.append(try preparedStatement(sql).prepared(values))
        if posted.count >= Self.mostAtOnce { try flush() }
    }

    package func flush() throws {
        guard !posted.isEmpty else { return }
        for result in try answersAfterPosted([]) { PQclear(result) }
    }

    package func ask(_ questions: [Question], _ body: (Int, any Row) throws -> Void) throws {
        for start in stride(from: 0, to: questions.count, by: Self.mostAtOnce) {
            let some = questions[start..<min(start + Self.mostAtOnce, questions.count)]
            let results = try answersAfterPosted(
                some.map { try preparedStatement($0.sql).prepared($0.values) })
            defer { for result in results { PQclear(result) } }
            for (number, result) in results.enumerated() {
                try PostgreSQLRow.each(of: result) { try body(start + number, $0) }
            }
        }
    }

    /// Asks, after what was posted.
    /// - Returns: the result, which is none of a failure; the caller clears it.
    /// - Throws: `PostgreSQLError`: of the question, or of what was posted before it.
    func answer(to question: PreparedQuestion) throws -> OpaquePointer? {
        guard posted.isEmpty else { return try answersAfterPosted([question])[0] }
        let result = try answer(to: question.sql) { send(question) }
        do {
            try check(result, question.sql)
            return result
        } catch {
            PQclear(result)
            throw error
        }
    }

    /// Sends what was posted, and questions after it.
    /// - Returns: the results of the questions; the caller clears them.
    private func answersAfterPosted(_ asked: [PreparedQuestion]) throws -> [OpaquePointer?] {
        let questions = posted + asked
        posted = []
        var results: [OpaquePointer?] = []
        do {
            try exchange(questions) { results.append($0) }
            for (question, result) in zip(questions, results) { try check(result, question.sql) }
        } catch {
            for result in results { PQclear(result) }
            throw error
        }
        for result in results.dropLast(asked.count) { PQclear(result) }
        return results.suffix(asked.count)
    }

    /// Sends questions in one go and passes the result of each; after one that failed the others say that they were skipped.
    private func exchange(_ questions: [PreparedQuestion], _ body: (OpaquePointer?) -> Void) throws {
        guard let first = questions.first?.sql else { return }
        guard !isBroken else { throw PostgreSQLError(message: "the connection broke", statement: first) }
        guard PQenterPipelineMode(handle) == 1 else { throw PostgreSQLError(handle, statement: first) }
        defer { PQexitPipelineMode(handle) }
        for question in questions where send(question) != 1 {
            throw PostgreSQLError(handle, statement: question.sql)
        }
        guard PQpipelineSync(handle) == 1 else { throw PostgreSQLError(handle, statement: first) }
        for question in questions { body(try answer(to: question.sql) { 1 }) }
        // The end of what was sent in one go.
        PQclear(try nextResult(first))
    }

    private func send(_ question: PreparedQuestion) -> Int32 {
        question.values.withBytes { pointers, lengths, formats in
            PQsendQueryPrepared(
                handle, question.name, Int32(question.values.count), pointers, lengths, formats, 0)
        }
    }
}
