import Domain
import SQLite

extension Session {
    func append(_ event: AuditEvent) throws {
        try connection.run(
            "INSERT INTO audit_event (at, name, actor, subject, address, detail) VALUES ($1, $2, $3, $4, $5, $6)",
            [
                .instant(event.at), .text(event.name.rawValue), .text(event.actor), .text(event.subject),
                .optional(event.address), .text(event.detail),
            ])
    }

    func report(_ worker: WorkerStanding) throws {
        try connection.run(
            """
            INSERT INTO worker (id, started_at, heartbeat_at, relay, relay_reason, lanes, busy)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            ON CONFLICT (id) DO UPDATE SET heartbeat_at = $3, relay = $4, relay_reason = $5, lanes = $6, busy = $7
            """,
            [
                .text(worker.id), .instant(worker.startedAt), .instant(worker.heartbeatAt), .text(worker.relay),
                .text(worker.relayReason), .integer(worker.lanes), .integer(worker.busy),
            ])
    }

    func workers() throws -> [WorkerStanding] {
        try connection.all(
            """
            SELECT id, started_at, heartbeat_at, relay, relay_reason, lanes, busy FROM worker
            ORDER BY heartbeat_at DESC, id
            """
        ) { row in
            WorkerStanding(
                id: row.text(0), startedAt: row.instant(1), heartbeatAt: row.instant(2), relay: row.text(3),
                relayReason: row.text(4), lanes: Int(row.integer(5)), busy: Int(row.integer(6)))
        }
    }

    func prune(finishedBefore: Instant, limit: Int, at now: Instant) throws -> Int {
        let dayAgo = now - .days(1)
        var deleted = 0
        for (sql, before) in [
            (
                """
                DELETE FROM job WHERE id IN
                    (SELECT id FROM job WHERE state = 'done' AND finished_at < $1 ORDER BY finished_at LIMIT $2)
                """, finishedBefore
            ),
            (
                """
                DELETE FROM job WHERE id IN
                    (SELECT id FROM job WHERE state = 'discarded' AND finished_at < $1 ORDER BY finished_at LIMIT $2)
                """, finishedBefore
            ),
            (
                """
                DELETE FROM reset_request WHERE id IN
                    (SELECT id FROM reset_request WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)
                """, finishedBefore
            ),
            (
                """
                DELETE FROM spent_captcha WHERE id IN
                    (SELECT id FROM spent_captcha WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)
                """, dayAgo
            ),
            (
                "DELETE FROM arrival WHERE id IN (SELECT id FROM arrival WHERE at < $1 ORDER BY at LIMIT $2)",
                dayAgo
            ),
            ("DELETE FROM worker WHERE heartbeat_at < $1 AND $2 > 0", dayAgo),
        ] {
            deleted += try connection.run(sql, [.instant(before), .integer(limit)])
        }
        return deleted
    }
}
