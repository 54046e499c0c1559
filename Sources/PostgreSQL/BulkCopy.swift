import CPostgreSQL
package import SQL

/// Many rows at once, streamed both ways: no more than a buffer of them is in memory.
extension PostgreSQLConnection {
    private static let bufferSize = 64 * 1024

    /// Fills a table, in the open transaction.
    /// - Parameter feed: hands in the rows, their values in the order of the table's columns.
    /// - Returns: how many rows the table has taken.
    @discardableResult
    package func fill(_ table: Table, _ feed: (_ add: ([Value]) throws -> Void) throws -> Void) throws -> Int {
        let sql = "COPY \"\(table.name)\" (\(table.columnList)) FROM STDIN (FORMAT binary)"
        try execute(sql)
        do {
            var buffer = BinaryRows.header
            try feed { row in
                BinaryRows.append(row, to: &buffer)
                if buffer.count >= Self.bufferSize {
                    try send(buffer, sql)
                    buffer.removeAll(keepingCapacity: true)
                }
            }
            try send(buffer + BinaryRows.end, sql)
        } catch {
            // The server drops what it was given.
            _ = PQputCopyEnd(handle, "given up")
            _ = try? finish(sql)
            throw error
        }
        guard PQputCopyEnd(handle, nil) == 1 else { throw PostgreSQLError(handle, statement: sql) }
        return try finish(sql)
    }

    /// Passes all rows of a query to `body`, its columns being of these kinds.
    ///
    /// When `body` throws, the rest of the rows is still on its way: end the transaction then.
    package func readAll(
        _ query: String, _ kinds: [Column.Kind], _ body: ([Value]) throws -> Void
    ) throws {
        let sql = "COPY (\(query)) TO STDOUT (FORMAT binary)"
        try execute(sql)
        var reader = BinaryRowReader(kinds)
        while true {
            var message: UnsafeMutablePointer<CChar>?
            let count = PQgetCopyData(handle, &message, 0)
            guard count > 0 else { break }
            defer { PQfreemem(message) }
            try reader.read(UnsafeRawBufferPointer(start: message, count: Int(count)), body)
        }
        _ = try finish(sql)
    }

    private func send(_ bytes: [UInt8], _ sql: String) throws {
        let isSent = bytes.withUnsafeBytes { bytes in
            PQputCopyData(handle, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(bytes.count)) == 1
        }
        guard isSent else { throw PostgreSQLError(handle, statement: sql) }
    }

    /// What became of a copy whose rows have all been sent or received.
    /// - Returns: how many there were.
    private func finish(_ sql: String) throws -> Int {
        var count = 0
        var failure: (any Error)?
        while let result = PQgetResult(handle) {
            defer { PQclear(result) }
            do {
                try check(result, sql)
                count = Int(String(cString: PQcmdTuples(result))) ?? 0
            } catch {
                failure = failure ?? error
            }
        }
        if isBroken { throw failure ?? PostgreSQLError(handle, statement: sql) }
        if let failure { throw failure }
        return count
    }
}
