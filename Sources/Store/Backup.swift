import Domain
import SQLite

/// What a backup holds, as found by looking at it.
package struct BackupContent: Sendable, Equatable {
    /// Rows of each table.
    package let rows: [String: Int]
    /// The number and the hash of the newest audit event; nil when there is none.
    package let auditHead: Head?

    package struct Head: Sendable, Equatable {
        package let number: Int64
        package let hash: [UInt8]
    }
}

extension Database {
    /// Copies the database, as it is at one moment, to a file; the service goes on meanwhile. Then reads all of the copy:
    /// its structure, its references, the rows of each table against those of that moment, and the chain of its audit
    /// log.
    /// - Parameters:
    ///   - file: an empty file, or none yet; the caller puts it on the disk and in its place.
    ///   - progress: hears how many pages are done, of how many.
    /// - Throws: `StorageFault`; the copy is worth nothing then.
    package func backUp(to file: String, progress: (_ done: Int, _ total: Int) -> Void) throws -> BackupContent {
        do {
            let source = try Connection(path: path, role: .reader)
            let expected = try source.snapshot {
                let rows = try Self.rows(source)
                try source.copy(to: file, progress: progress)
                return rows
            }
            let copy = try Connection(path: file, role: .inspector)
            guard let damage = try copy.damage().first else {
                let rows = try Self.rows(copy)
                guard rows == expected else {
                    throw Self.fault(file, "it does not hold the rows that were copied", "\(rows), not \(expected)")
                }
                return BackupContent(rows: rows, auditHead: try Self.auditHead(Session(copy), file))
            }
            throw Self.fault(file, "it is damaged", damage)
        } catch {
            throw StorageTrouble.fault(error, path: path)
        }
    }

    private static func rows(_ connection: Connection) throws -> [String: Int] {
        let tables = try connection.all(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        ) { $0.text(0) }
        var rows: [String: Int] = [:]
        for table in tables {
            rows[table] = try connection.first("SELECT count(*) FROM \"\(table)\"") { Int($0.integer(0)) }
        }
        return rows
    }

    private static func auditHead(_ session: Session, _ file: String) throws -> BackupContent.Head? {
        var verifier = AuditChain.Verifier()
        while true {
            let events = try session.auditEvents(after: verifier.last?.number ?? 0, limit: 1000)
            guard !events.isEmpty else { break }
            for event in events where verifier.take(event) != .whole {
                throw fault(file, "the chain of its audit log is broken at event \(event.number)", "")
            }
        }
        return verifier.last.map { BackupContent.Head(number: $0.number, hash: verifier.head) }
    }

    private static func fault(_ file: String, _ trouble: String, _ detail: String) -> StorageFault {
        StorageFault(sentence: "The copy \(file) cannot be trusted: \(trouble).", detail: detail)
    }
}
