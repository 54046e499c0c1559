import Domain
import SQLite

/// What operators see and change, and what a worker looks at before it takes the write lock.
extension Session {
    func job(id: Int64) throws -> Job? {
        try connection.first("SELECT \(Self.jobColumns) FROM job WHERE id = $1", [.integer(id)], Self.job)
    }

    func jobs(_ filter: JobFilter, limit: Int) throws -> [Job] {
        var conditions: [String] = []
        // States are written out: a bound parameter cannot prove that a partial index applies.
        if let state = filter.state { conditions.append("state = '\(state.rawValue)'") }
        if filter.kind != nil { conditions.append("kind = $2") }
        let order = Self.order(listing: filter.state)
        conditions.append("\(order) < $1")
        return try connection.all(
            """
            SELECT \(Self.jobColumns) FROM job WHERE id IN
                (SELECT id FROM job WHERE \(conditions.joined(separator: " AND ")) ORDER BY \(order) DESC LIMIT $3)
            ORDER BY id DESC
            """,
            [.integer(filter.before ?? Int64.max), .optional(filter.kind), .integer(limit)], Self.job)
    }

    /// What to sort by, so that the planner reads the rows of that state alone: where the state's index is sorted by
    /// something else than ids, `id + 0` keeps it from walking the whole table instead. Nearly the whole table is done,
    /// so there a walk down the ids finds the newest soonest.
    private static func order(listing state: JobState?) -> String {
        switch state {
        case nil, .done, .ready, .held, .dead: "id"
        case .scheduled, .running, .discarded: "id + 0"
        }
    }

    func attempts(job: Int64) throws -> [Attempt] {
        try connection.all(
            """
            SELECT number, started_at, seconds, stage, code, verdict, reply, reused, worker
            FROM attempt WHERE job = $1 ORDER BY id
            """,
            [.integer(job)]
        ) { row in
            Attempt(
                number: Int(row.integer(0)), startedAt: row.instant(1), seconds: row.real(2), stage: row.text(3),
                code: row.optionalInteger(4).map(Int.init),
                verdict: Delivery.Verdict(rawValue: row.text(5)) ?? .unknown, reply: row.text(6),
                reusedConnection: row.flag(7), worker: row.text(8))
        }
    }

    func queueCounts() throws -> [QueueCount] {
        try JobState.allCases.flatMap { state in
            // What is finished grows for as long as it is kept: the newest stand for it.
            let rows = state.isFinished ? "ORDER BY finished_at DESC LIMIT \(QueueCount.mostFinished)" : ""
            return try connection.all(
                """
                SELECT kind, count(*) FROM (SELECT kind FROM job WHERE state = '\(state.rawValue)' \(rows)) AS counted
                GROUP BY kind ORDER BY kind
                """
            ) { QueueCount(kind: $0.text(0), state: state, count: Int($0.integer(1))) }
        }
    }

    func oldestReady() throws -> Instant? {
        try connection.first("SELECT run_at FROM job WHERE state = 'ready' ORDER BY id LIMIT 1") { $0.instant(0) }
    }

    func hasWork(at now: Instant) throws -> Bool {
        let questions = [
            "SELECT 1 FROM job WHERE state = 'ready' LIMIT 1",
            "SELECT 1 FROM job WHERE state = 'scheduled' AND run_at <= $1 LIMIT 1",
            "SELECT 1 FROM job WHERE state = 'running' AND lease_until <= $1 LIMIT 1",
        ]
        return try questions.contains { try connection.first($0, [.instant(now)]) { _ in true } ?? false }
    }

    func change(job: Int64, _ change: JobChange, at now: Instant) throws -> Bool {
        let sql =
            switch change {
            case .retry:
                """
                UPDATE job SET state = 'ready', run_at = $2, attempts = 0, unknowns = 0, outcome = NULL, finished_at = NULL
                WHERE id = $1 AND state IN ('dead', 'held', 'scheduled') AND payload IS NOT NULL
                """
            case .discard:
                """
                UPDATE job SET state = 'discarded', payload = NULL, finished_at = $2
                WHERE id = $1 AND state IN ('scheduled', 'ready', 'held', 'dead')
                """
            case .hold: "UPDATE job SET state = 'held' WHERE id = $1 AND state IN ('scheduled', 'ready')"
            case .release: "UPDATE job SET state = 'ready', run_at = $2 WHERE id = $1 AND state = 'held'"
            }
        let changed = try connection.run(sql, [.integer(job), .instant(now)]) == 1
        if changed { didEnqueue = true }
        return changed
    }
}
