import Domain
import SQL
import SQLite

extension SQLiteEngine {
    package func backUp(to file: String, progress: (_ done: Int, _ total: Int) -> Void) throws -> BackupContent {
        let source = try SQLiteConnection(path: path, role: .reader)
        let expected = try source.snapshot {
            let rows = try Self.rows(source)
            try source.copy(to: file, progress: progress)
            return rows
        }
        let copy = try SQLiteConnection(path: file, role: .inspector)
        if let damage = try copy.damage().first { throw Self.failure(file, "it is damaged", damage) }
        let rows = try Self.rows(copy)
        guard rows == expected else {
            throw Self.failure(file, "it does not hold the rows that were copied", "\(rows), not \(expected)")
        }
        return BackupContent(rows: rows, auditHead: try Self.auditHead(StoreTransaction(copy, Queries(.sqlite)), file))
    }

    private static func rows(_ connection: SQLiteConnection) throws -> [String: Int] {
        let tables = try connection.all(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        ) { $0.text(0) }
        var rows: [String: Int] = [:]
        for table in tables {
            rows[table] = try connection.first("SELECT count(*) FROM \"\(table)\"") { Int($0.integer(0)) }
        }
        return rows
    }

    private static func auditHead(_ session: StoreTransaction, _ file: String) throws -> BackupContent.Head? {
        var verifier = AuditChain.Verifier()
        while true {
            let events = try session.auditEvents(after: verifier.last?.number ?? 0, limit: 1000)
            guard !events.isEmpty else { break }
            for event in events where verifier.verify(event) != .intact {
                throw failure(file, "the chain of its audit log is broken at event \(event.number)", "")
            }
        }
        return verifier.last.map { BackupContent.Head(number: $0.number, hash: verifier.head) }
    }

    private static func failure(_ file: String, _ trouble: String, _ detail: String) -> StoreError {
        StoreError(sentence: "The copy \(file) cannot be trusted: \(trouble).", detail: detail)
    }
}
