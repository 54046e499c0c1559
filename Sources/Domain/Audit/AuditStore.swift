/// What a transaction reads about the audit log.
package protocol AuditReader {
    /// Newest first.
    func auditEvents(_ filter: AuditFilter, limit: Int) throws -> [AuditRecord]
    /// Oldest first, after the event with this number.
    func auditEvents(after number: Int64, limit: Int) throws -> [AuditRecord]
}

/// Appends to the audit log; nothing in it is ever changed.
package protocol AuditWriter {
    /// Publishes, too, what applications are told of the event.
    func append(_ event: AuditEvent) throws
}
