import Domain
import SQL

/// The audit log: appended to and read, never changed.
extension StoreTransaction {
    private static let auditColumns = "id, at, name, actor, subject, address, detail, hash"

    /// The number of the last event and the hash over all.
    struct AuditEnd {
        let number: Int64
        let hash: [UInt8]
    }

    func append(_ event: AuditEvent) throws {
        let end = try auditEnd ?? lookForAuditEnd()
        let record = AuditRecord(
            number: end.number + 1, name: event.name.rawValue, at: event.at, actor: event.actor,
            subject: event.subject, address: event.address, detail: event.detail, hash: nil)
        let hash = AuditChain.hash(record, after: end.hash)
        try connection.post(
            """
            INSERT INTO audit_event (id, at, name, actor, subject, address, detail, hash)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """,
            [
                .integer(record.number), .instant(record.at), .text(record.name), .text(record.actor),
                .text(record.subject), .optional(record.address), .text(record.detail), .blob(hash),
            ])
        auditEnd = AuditEnd(number: record.number, hash: hash)
        if let published = event.published { try publish(published) }
    }

    func auditEvents(_ filter: AuditFilter, limit: Int) throws -> [AuditRecord] {
        var conditions = ["id < $1"]
        var values: [Value] = [.integer(filter.before ?? Int64.max)]
        func add(_ column: String, _ comparison: String, _ value: Value?) {
            guard let value else { return }
            values.append(value)
            conditions.append("\(column) \(comparison) $\(values.count)")
        }
        add("subject", "=", filter.subject.map(Value.text))
        add("actor", "=", filter.actor.map(Value.text))
        add("name", "=", filter.name.map(Value.text))
        add("at", ">=", filter.since.map(Value.instant))
        return try connection.all(
            """
            SELECT \(Self.auditColumns) FROM audit_event WHERE \(conditions.joined(separator: " AND "))
            ORDER BY id DESC LIMIT $\(values.count + 1)
            """, values + [.integer(limit)], Self.auditRecord)
    }

    func auditEvents(after number: Int64, limit: Int) throws -> [AuditRecord] {
        try connection.all(
            "SELECT \(Self.auditColumns) FROM audit_event WHERE id > $1 ORDER BY id LIMIT $2",
            [.integer(number), .integer(limit)], Self.auditRecord)
    }

    private func lookForAuditEnd() throws -> AuditEnd {
        let last = try connection.first("SELECT id, hash FROM audit_event ORDER BY id DESC LIMIT 1") { row in
            (number: row.integer(0), hash: row.optionalBlob(1))
        }
        return AuditEnd(number: last?.number ?? 0, hash: try last?.hash ?? hashBeforeChain())
    }

    /// The hash over the events from before there was a chain: walked once, by the first event after them.
    private func hashBeforeChain() throws -> [UInt8] {
        try connection.all("SELECT \(Self.auditColumns) FROM audit_event ORDER BY id", [], Self.auditRecord)
            .reduce(AuditChain.start) { AuditChain.hash($1, after: $0) }
    }

    private static func auditRecord(_ row: any Row) -> AuditRecord {
        AuditRecord(
            number: row.integer(0), name: row.text(2), at: row.instant(1), actor: row.text(3), subject: row.text(4),
            address: row.optionalText(5), detail: row.text(6), hash: row.optionalBlob(7))
    }
}
