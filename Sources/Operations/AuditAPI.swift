import Domain
import HTTPServer

/// The audit log for programs, newest first.
extension Operations {
    private struct AuditList: Encodable {
        let events: [AuditLine]
        /// The address of the next page, if there is one.
        let next: String?
    }

    func sendAudit(_ request: Request) throws -> Response {
        var filter = AuditFilter()
        filter.subject = try request.query.optional("subject").flatMap { $0.isEmpty ? nil : $0 }
        if let text = try request.query.optional("before"), !text.isEmpty {
            guard let before = JobID.parse(text) else { throw APIError(400, "before must be the number of an event.") }
            filter.before = before
        }
        let limit = try JobQuery.limit(request.query) ?? JobQuery.standardLimit
        let events = try store.read { [filter] in try $0.auditEvents(filter.resolved(in: $0), limit: limit + 1) }
        let shown = events.prefix(limit)
        var next: String?
        if events.count > limit, let last = shown.last {
            let pairs = [
                filter.subject.map { "subject=\(PercentEncoding.encode($0))" }, "before=\(last.number)",
                limit == JobQuery.standardLimit ? nil : "limit=\(limit)",
            ]
            next = "/api/v1/audit?" + pairs.compactMap { $0 }.joined(separator: "&")
        }
        return try .encoded(AuditList(events: shown.map(AuditLine.init), next: next))
    }
}
