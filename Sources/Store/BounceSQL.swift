import Domain
import SQL

/// What is kept of mails that may come back, and of those that did.
extension StoreTransaction {
    func setReturnDigest(job: Int64, _ digest: [UInt8]) throws {
        try connection.post("UPDATE job SET return_digest = $2 WHERE id = $1", [.integer(job), .blob(digest)])
    }

    func returnDigest(job: Int64) throws -> [UInt8]? {
        try connection.first("SELECT return_digest FROM job WHERE id = $1", [.integer(job)]) { $0.optionalBlob(0) }
            .flatMap { $0 }
    }

    func markBounced(job: Int64, reason: String, at now: Instant) throws -> Bool {
        let kind = try connection.first(
            """
            UPDATE job SET outcome = 'bounced', reason = $2, bounced_at = $3
            WHERE id = $1 AND state IN ('done', 'dead') AND bounced_at IS NULL RETURNING kind
            """,
            [.integer(job), .text(reason), .instant(now)]
        ) { $0.text(0) }
        guard let kind else { return false }
        record(.bounced, kind: kind, at: now)
        return true
    }
}
