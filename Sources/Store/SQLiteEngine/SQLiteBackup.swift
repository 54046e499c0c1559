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
        if let damage = try copy.damage().first { throw BackupContent.failure(file, "it is damaged", damage) }
        let rows = try Self.rows(copy)
        guard rows == expected else {
            throw BackupContent.failure(file, "it does not hold the rows that were copied", "\(rows), not \(expected)")
        }
        let head = try StoreTransaction(copy, Queries(.sqlite)).verifiedAuditHead(of: file)
        return BackupContent(rows: rows, auditHead: head)
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
}
