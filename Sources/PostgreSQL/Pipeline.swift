import CPostgreSQL
package import SQL

/// A prepared statement with its values.
struct Question {
    let sql: String
    /// Of the prepared statement.
    let name: String
    let values: [Value]
}

/// Sending several statements in one go (PostgreSQL's documentation, section 34.5): what nobody waits for travels with what
/// somebody does, so that a transaction takes fewer ways to the server and back than it has statements.
extension PostgreSQLConnection {
    /// So many wait at most: neither side is to fill the way with what the other does not take.
    private static let mostPosted = 64

    package func post(_ sql: String, _ values: [Value]) throws {
        guard hasBegun, let statement = try statement(sql) as? PostgreSQLStatement else {
            try run(sql, values)
            return
        }
        posted.append(try statement.question(values))
        if posted.count >= Self.mostPosted { try flush() }
    }

    package func flush() throws {
        guard !posted.isEmpty else { return }
        PQclear(try answerAfterPosted(nil))
    }

    /// Asks, after what was posted.
    /// - Returns: the result, which is none of a failure; the caller clears it.
    /// - Throws: `PostgreSQLError`: of the question, or of what was posted before it.
    func answer(to question: Question) throws -> OpaquePointer? {
        guard posted.isEmpty else { return try answerAfterPosted(question) }
        let result = try answer(to: question.sql) { send(question) }
        return try checked(result, question.sql)
    }

    private func answerAfterPosted(_ last: Question?) throws -> OpaquePointer? {
        let questions = posted + (last.map { [$0] } ?? [])
        posted = []
        guard !isBroken else { throw PostgreSQLError(message: "the connection broke", statement: questions[0].sql) }
        guard PQenterPipelineMode(handle) == 1 else { throw PostgreSQLError(handle, statement: questions[0].sql) }
        defer { PQexitPipelineMode(handle) }
        for question in questions where send(question) != 1 {
            throw PostgreSQLError(handle, statement: question.sql)
        }
        guard PQpipelineSync(handle) == 1 else { throw PostgreSQLError(handle, statement: questions[0].sql) }
        var outcome = Result<OpaquePointer?, any Error>.success(nil)
        for question in questions {
            let result = try answer(to: question.sql) { 1 }
            // After a failure the rest is skipped, and says so; the failure is what is told.
            guard case .success(let before) = outcome else {
                PQclear(result)
                continue
            }
            PQclear(before)
            outcome = Result { try checked(result, question.sql) }
        }
        // The end of what was sent in one go.
        PQclear(try nextResult(questions[0].sql))
        return try outcome.get()
    }

    private func send(_ question: Question) -> Int32 {
        question.values.withBytes { pointers, lengths, formats in
            PQsendQueryPrepared(
                handle, question.name, Int32(question.values.count), pointers, lengths, formats, 0)
        }
    }

    /// - Returns: the result, unless it is a failure, which is cleared.
    private func checked(_ result: OpaquePointer?, _ sql: String) throws -> OpaquePointer? {
        do {
            try check(result, sql)
            return result
        } catch {
            PQclear(result)
            throw error
        }
    }
}
