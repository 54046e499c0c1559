import Domain
import SQLite

extension Session {
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

    func probe(at now: Instant) throws {
        try connection.run(
            "INSERT INTO probe (id, at) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET at = $1", [.instant(now)])
    }

    func prune(finishedBefore: Instant, limit: Int, at now: Instant) throws -> Int {
        let dayAgo = now - .days(1)
        let prunings = [
            Self.pruning("job", by: "finished_at", where: "state = 'done'", before: finishedBefore),
            Self.pruning("job", by: "finished_at", where: "state = 'discarded'", before: finishedBefore),
            Self.pruning("reset_request", by: "expires_at", before: finishedBefore),
            Self.pruning("spent_captcha", by: "expires_at", before: dayAgo),
            Self.pruning("arrival", by: "at", before: dayAgo),
            Self.pruning("session", by: "seen_at", before: dayAgo),
            Self.pruning("failure", by: "last_at", where: "factor = 'password'", before: dayAgo),
            Self.pruning("worker", by: "heartbeat_at", before: dayAgo),
        ]
        try pruneTallies(at: now)
        return try prunings.reduce(0) { deleted, pruning in
            try deleted + connection.run(pruning.sql, [.instant(pruning.before), .integer(limit)])
        }
    }

    private static func pruning(
        _ table: String, by column: String, where condition: String = "TRUE", before: Instant
    ) -> (sql: String, before: Instant) {
        let sql = """
            DELETE FROM \(table) WHERE id IN
                (SELECT id FROM \(table) WHERE \(condition) AND \(column) < $1 ORDER BY \(column) LIMIT $2)
            """
        return (sql, before)
    }
}
