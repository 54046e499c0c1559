import Domain
import SQL

extension StoreTransaction {
    func recordHeartbeat(_ worker: WorkerHeartbeat) throws {
        try connection.post(
            """
            INSERT INTO worker (id, started_at, heartbeat_at, relay, relay_reason, lanes, busy, waiting, waiting_stage,
                waiting_since)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            ON CONFLICT (id) DO UPDATE SET heartbeat_at = $3, relay = $4, relay_reason = $5, lanes = $6, busy = $7,
                waiting = $8, waiting_stage = $9, waiting_since = $10
            """,
            [
                .text(worker.id), .instant(worker.startedAt), .instant(worker.heartbeatAt), .text(worker.relay),
                .text(worker.relayReason), .integer(worker.lanes), .integer(worker.busy),
                .integer(worker.waiting?.count ?? 0), .optional(worker.waiting?.stage),
                .optional(worker.waiting?.since.milliseconds),
            ])
        try connection.post("DELETE FROM worker_relay WHERE worker = $1", [.text(worker.id)])
        for (position, relay) in worker.relays.enumerated() {
            try connection.post(
                """
                INSERT INTO worker_relay (worker, position, name, state, reason, busy, waiting, has_token, token_ends_at,
                    token_failure)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
                """,
                [
                    .text(worker.id), .integer(position), .text(relay.name), .text(relay.state.rawValue),
                    .text(relay.reason), .integer(relay.busy), .integer(relay.waiting), .flag(relay.token != nil),
                    .optional(relay.token?.endsAt?.milliseconds), .optional(relay.token?.failure),
                ])
        }
    }

    func workers() throws -> [WorkerHeartbeat] {
        let relays = Dictionary(grouping: try workerRelays(), by: \.worker).mapValues { $0.map(\.relay) }
        return try connection.all(
            """
            SELECT id, started_at, heartbeat_at, relay, relay_reason, lanes, busy, waiting, waiting_stage, waiting_since
            FROM worker
            ORDER BY heartbeat_at DESC, id
            """
        ) { row in
            WorkerHeartbeat(
                id: row.text(0), startedAt: row.instant(1), heartbeatAt: row.instant(2), relay: row.text(3),
                relayReason: row.text(4), lanes: Int(row.integer(5)), busy: Int(row.integer(6)),
                waiting: Self.waiting(row), relays: relays[row.text(0)] ?? [])
        }
    }

    private func workerRelays() throws -> [(worker: String, relay: WorkerHeartbeat.Relay)] {
        try connection.all(
            """
            SELECT worker, name, state, reason, busy, waiting, has_token, token_ends_at, token_failure FROM worker_relay
            ORDER BY worker, position
            """
        ) { row in
            let token = row.flag(6) ? RelayToken(endsAt: row.optionalInstant(7), failure: row.optionalText(8)) : nil
            return (
                row.text(0),
                // The schema's CHECK admits no other text.
                WorkerHeartbeat.Relay(
                    name: row.text(1), state: .init(rawValue: row.text(2)) ?? .open, reason: row.text(3),
                    busy: Int(row.integer(4)), waiting: Int(row.integer(5)), token: token)
            )
        }
    }

    func checkWritable(at now: Instant) throws {
        try connection.post(
            "INSERT INTO probe (id, at) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET at = $1", [.instant(now)])
    }

    func prune(finishedBefore: Instant, limit: Int, at now: Instant) throws -> Int {
        let dayAgo = now - .days(1)
        let prunings = [
            pruning("reset_request", by: "expires_at", before: finishedBefore),
            pruning("spent_captcha", by: "expires_at", before: dayAgo),
            pruning("arrival", by: "at", before: dayAgo),
            pruning("session", by: "seen_at", before: dayAgo),
            pruning("session_change", by: "at", before: dayAgo),
            pruning("failure", by: "last_at", where: "factor = 'password'", before: dayAgo),
            pruning("worker", by: "heartbeat_at", before: dayAgo),
        ]
        try pruneStatistics(at: now)
        try connection.post("DELETE FROM answer WHERE at < $1", [.instant(dayAgo)])
        try connection.post("DELETE FROM application_code WHERE expires_at < $1", [.instant(dayAgo)])
        // What was spent is kept until then, so that a second use is known for what it is.
        try connection.post("DELETE FROM openid_token WHERE expires_at < $1", [.instant(dayAgo)])
        return try prunings.reduce(try pruneJobs(finishedBefore: finishedBefore, limit: limit)) { deleted, pruning in
            try deleted + delete(pruning, limit: limit)
        }
    }

    func pruneJobs(finishedBefore: Instant, limit: Int) throws -> Int {
        try Self.finished.reduce(0) { deleted, state in
            let condition = "state = '\(state.rawValue)'"
            let pruningStatement = pruning("job", by: "finished_at", where: condition, before: finishedBefore)
            return try deleted + delete(pruningStatement, limit: limit)
        }
    }

    func countJobs(finishedBefore: Instant) throws -> Int {
        try Self.finished.reduce(0) { sum, state in
            let sql = "SELECT count(*) FROM job WHERE state = '\(state.rawValue)' AND finished_at < $1"
            return try sum + (connection.first(sql, [.instant(finishedBefore)]) { Int($0.integer(0)) } ?? 0)
        }
    }

    private static let finished = JobState.allCases.filter(\.isFinished)

    private func delete(_ pruning: (sql: String, before: Instant), limit: Int) throws -> Int {
        try connection.run(pruning.sql, [.instant(pruning.before), .integer(limit)])
    }

    private func pruning(
        _ table: String, by column: String, where condition: String = "TRUE", before: Instant
    ) -> (sql: String, before: Instant) {
        let sql = """
            DELETE FROM \(table) WHERE id \(queries.among(
                "SELECT id FROM \(table) WHERE \(condition) AND \(column) < $1 ORDER BY \(column) LIMIT $2"))
            """
        return (sql, before)
    }

    private static func waiting(_ row: any Row) -> WorkerHeartbeat.Waiting? {
        guard let since = row.optionalInstant(9) else { return nil }
        return WorkerHeartbeat.Waiting(
            count: Int(row.integer(7)), stage: row.optionalText(8) ?? "", since: since)
    }
}
