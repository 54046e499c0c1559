package import Domain
import SQL

/// Copies all that an installation keeps from one database to another, whatever their engines.
package struct DatabaseCopy: Sendable {
    private let source: any StoreEngine
    private let target: any StoreEngine

    package init(from source: any StoreEngine, to target: any StoreEngine) {
        (self.source, self.target) = (source, target)
    }

    /// How many rows each table has, and whether they could be copied; changes nothing.
    /// - Parameters:
    ///   - isThere: whether there is something at the target to look at.
    ///   - clock: this machine's.
    /// - Throws: `StoreError`: the target is not reached, cannot be written to, or is not empty.
    package func survey(looksAtTarget isThere: Bool, by clock: any Clock) throws -> [String: Int] {
        if isThere {
            if let obstacle = target.inspect(by: clock).first(where: { $0.verdict == .obstacle }) {
                throw StoreError(sentence: obstacle.sentence, detail: "\(obstacle.subject) of \(target.name)")
            }
            try onTarget { try target.withCopySource(isHeld: false) { try refuseUnlessEmpty($0, try $0.tables()) } }
        }
        return try onSource { try source.withCopySource(isHeld: false) { try counts(of: $0.tables(), in: $0) } }
    }

    /// Copies in one transaction of the target, while nobody can write to the source. Then, before it commits, counts the rows
    /// and walks over the audit log of the copy. Nothing in the source is changed.
    ///
    /// - Parameters:
    ///   - event: what is appended to the audit log of the copy, once that is found whole.
    ///   - progress: receives how many rows are copied, of how many.
    /// - Returns: what was copied.
    /// - Throws: `StoreError`; the target is as empty as it was then.
    package func run(
        at now: Instant, event: (BackupContent) -> AuditEvent, progress: (_ done: Int, _ total: Int) -> Void
    ) throws -> BackupContent {
        try onTarget {
            try target.withCopyTarget(at: now) { copy in
                let tables = try copy.tables()
                try refuseUnlessEmpty(copy, tables)
                let rows = try onSource {
                    try source.withCopySource(isHeld: true) { original in
                        let rows = try counts(of: tables, in: original)
                        try fill(copy, tables, from: original, rows, progress)
                        return rows
                    }
                }
                let found = try counts(of: tables, in: copy)
                guard found == rows else {
                    throw BackupContent.failure(
                        target.name, "it does not hold the rows that were copied", "\(found), not \(rows)")
                }
                let transaction = StoreTransaction(copy.connection, Queries(target.dialect))
                let content = BackupContent(
                    rows: rows, auditHead: try transaction.verifiedAuditHead(of: target.name))
                try transaction.append(event(content))
                return content
            }
        }
    }

    private func fill(
        _ copy: any CopyTarget, _ tables: [Table], from original: any CopySource, _ rows: [String: Int],
        _ progress: (_ done: Int, _ total: Int) -> Void
    ) throws {
        let total = rows.values.reduce(0, +)
        var done = 0
        try onTarget { try copy.prepare(tables) }
        for table in tables {
            try onTarget {
                try copy.fill(table) { add in
                    try onSource {
                        try original.rows(of: table) { row in
                            try onTarget { try add(row) }
                            done += 1
                            if done.isMultiple(of: 1000) { progress(done, total) }
                        }
                    }
                }
            }
            if table.isNumbered {
                let last = try original.lastID(of: table)
                try onTarget { try copy.setLastID(last, of: table) }
            }
        }
        try onTarget { try copy.finish(tables) }
    }

    private func counts(of tables: [Table], in side: any CopySource) throws -> [String: Int] {
        let there = Dictionary(uniqueKeysWithValues: try side.tables().map { ($0.name, $0) })
        return try tables.reduce(into: [:]) { rows, table in
            guard let same = there[table.name], same.hasColumns(of: table) else {
                throw StoreError(
                    sentence:
                        "\(source.name) and \(target.name) are not alike: the table \(table.name) is in one of them "
                        + "alone, or has other columns there. Copy to a database that nothing else is kept in.",
                    detail: "\(table) and \(there[table.name].map { "\($0)" } ?? "none")")
            }
            rows[table.name] = try side.count(table)
        }
    }

    private func refuseUnlessEmpty(_ side: any CopySource, _ tables: [Table]) throws {
        let filled = try tables.filter { try side.count($0) > 0 }.map(\.name)
        guard filled.isEmpty else {
            throw StoreError(
                sentence:
                    "\(target.name) is not empty and was left as it is. Copy to a new database: what is in this one "
                    + "cannot be put together with what is in \(source.name).",
                detail: "rows in: \(filled.joined(separator: ", "))")
        }
    }

    private func onSource<Result>(_ body: () throws -> Result) throws -> Result { try on(source, body) }
    private func onTarget<Result>(_ body: () throws -> Result) throws -> Result { try on(target, body) }

    /// Errors are told of the database that they come from.
    private func on<Result>(_ engine: any StoreEngine, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as InvalidTextError {
            throw StoreError(
                sentence:
                    "In the table \(error.table) of \(engine.name), the column \(error.column) holds bytes that are no "
                    + "text. Another program wrote them: correct the row, then copy again.",
                detail: "invalid UTF-8, or a NUL character")
        } catch let error as UnmatchedReferenceError {
            throw BackupContent.failure(
                engine.name, "a row refers to another that is not there, in the original too", error.reference)
        } catch {
            throw StoreErrorMapping.failure(error, database: engine.name)
        }
    }
}
