import Domain
import SQL

/// What workers do with the queue. Each change of state names the state it starts from and, for a running job, the
/// fencing token of the claim: a late worker changes nothing.
extension StoreTransaction {
    static let jobColumns = """
        id, kind, state, payload, created_at, run_at, token, attempts, unknowns, lease_until, worker, outcome, reason,
        finished_at, request_id, account, class, bounced_at, application
        """

    /// The class of a job, as the indices of ready jobs have it: the one that it names or that of its kind.
    static let jobClass =
        "coalesce(class, CASE WHEN kind IN ('reset-request', 'mail-test') THEN 'urgent' ELSE 'normal' END)"

    /// That a job is running: it has a lease then, and only then. Said like this it is looked up by its id; said by its state it
    /// may be looked for in the index of all that run.
    static let isRunning = "lease_until IS NOT NULL"

    /// As the indices of ready mails have it.
    static let isMail = "kind NOT IN ('webhook', 'logout')"

    func enqueue(_ job: NewJob) throws -> Int64 {
        didEnqueue = true
        let question = Self.insertion(of: job)
        return try insert(question.sql, question.values)
    }

    /// Enqueues a job whose id nobody needs to know.
    func post(_ job: NewJob) throws {
        didEnqueue = true
        let question = Self.insertion(of: job)
        try connection.post(question.sql, question.values)
    }

    private static func insertion(of job: NewJob) -> Question {
        let isDue = job.runAt <= job.createdAt
        return Question(
            """
            INSERT INTO job (kind, payload, state, created_at, run_at, request_id, account, class, application)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """,
            [
                .text(job.kind), .text(job.payload), .state(isDue ? .ready : .scheduled), .instant(job.createdAt),
                .instant(job.runAt), .optional(job.requestID), .optional(job.account),
                .optional(job.jobClass?.rawValue), .optional(job.application),
            ])
    }

    func promote(at now: Instant, limit: Int) throws {
        try connection.post(
            """
            UPDATE job SET state = 'ready' WHERE id \(queries.among(
                "SELECT id FROM job WHERE state = 'scheduled' AND run_at <= $1 ORDER BY run_at, id LIMIT $2"))
            """,
            [.instant(now), .integer(limit)])
    }

    func rescueExpired(at now: Instant, limit: Int, delay: (Job) -> TimeSpan) throws -> Int {
        let lapsed = try connection.all(
            """
            SELECT \(Self.jobColumns) FROM job
            WHERE state = 'running' AND lease_until <= $1 ORDER BY lease_until, id LIMIT $2
            """,
            [.instant(now), .integer(limit)], Self.job)
        for job in lapsed {
            try connection.post(
                """
                UPDATE job SET state = 'scheduled', run_at = $1, lease_until = NULL, reason = $2
                WHERE id = $3 AND token = $4 AND \(Self.isRunning)
                """,
                [
                    .instant(now + delay(job)), .text("lease-lapsed: worker \(job.worker ?? "unknown") fell silent"),
                    .integer(job.id), .integer(job.token),
                ])
        }
        record(.lapsed, lapsed.count, at: now)
        return lapsed.count
    }

    func claim(
        limit: Int, of classes: [JobClass], shares: inout ClaimShares, at now: Instant, leaseUntil: Instant,
        worker: String
    ) throws -> [Job] {
        guard limit > 0 else { return [] }
        if let preparation = queries.dialect.beforeClaim { try connection.post(preparation) }
        let counts = try connection.first(queries.readyCounts, [.integer(limit)]) { row in
            JobClass.allCases.indices.map { Int(row.integer(Int32($0))) }
        }
        let waiting = Dictionary(uniqueKeysWithValues: zip(JobClass.allCases, counts ?? []))
            .filter { classes.contains($0.key) }
        let chosen = shares.choose(limit, of: waiting)
        guard !chosen.isEmpty else { return [] }
        let claimed = try connection.all(
            queries.claim,
            [.instant(leaseUntil), .text(worker), .instant(now)]
                + JobClass.allCases.map { .integer(chosen[$0, default: 0]) }, Self.job)
        recordWaits(claimed, at: now)
        // RETURNING keeps no order.
        let order = JobClass.allCases
        return claimed.sorted { one, other in
            let (first, second) = (order.firstIndex(of: one.jobClass), order.firstIndex(of: other.jobClass))
            return (first ?? 0, one.id) < (second ?? 0, other.id)
        }
    }

    func claim(for receiver: ReceiverID, at now: Instant, leaseUntil: Instant, worker: String) throws -> Job? {
        let claimed = try connection.first(
            """
            UPDATE job SET state = 'running', token = token + 1, attempts = attempts + 1, lease_until = $1, worker = $2,
                claimed_at = $3
            WHERE id = (SELECT id FROM job WHERE state = 'ready' AND kind = '\(receiver.kind.rawValue)' AND application = $4
                AND \(Self.isNotPaused("kind")) ORDER BY id LIMIT 1)
            RETURNING \(Self.jobColumns)
            """,
            [.instant(leaseUntil), .text(worker), .instant(now), .text(receiver.application)], Self.job)
        if let claimed { recordWaits([claimed], at: now) }
        return claimed
    }

    func extend(_ claim: Claim, leaseUntil: Instant) throws -> Bool {
        try connection.run(
            "UPDATE job SET lease_until = $1 WHERE id = $2 AND token = $3 AND \(Self.isRunning)",
            [.instant(leaseUntil), .integer(claim.job), .integer(claim.token)]) == 1
    }

    func settle(_ ends: [ClaimEnd], at now: Instant) throws -> [Bool] {
        let questions = ends.map { end in
            let (change, values) = Self.change(end.settlement, at: now)
            return Question(
                "UPDATE job SET \(change) WHERE id = $1 AND token = $2 AND \(Self.isRunning) RETURNING kind",
                [.integer(end.claim.job), .integer(end.claim.token)] + values)
        }
        return try zip(ends, try connection.all(questions) { $0.text(0) }).map { end, kinds in
            guard let kind = kinds.first else {
                record(.fenced, at: now)
                return false
            }
            try record(end, kind: kind, at: now)
            return true
        }
    }

    private func record(_ end: ClaimEnd, kind: String, at now: Instant) throws {
        switch end.settlement {
        case .done(let outcome, _), .dead(let outcome, _):
            record(.finished, kind: kind, label: outcome.rawValue, at: now)
        case .retry(_, _, let unknown):
            record(.retried, kind: kind, label: unknown ? "unknown" : "temporary", at: now)
        case .release: break
        }
        if let attempt = end.attempt {
            try record(attempt, of: end.claim.job)
            record(attempt, kind: kind, at: now)
        }
    }

    /// What a settlement sets, with the values from `$3` on.
    private static func change(_ settlement: Settlement, at now: Instant) -> (sql: String, values: [Value]) {
        switch settlement {
        case .done(let outcome, let reason):
            (
                "state = 'done', payload = NULL, lease_until = NULL, outcome = $3, reason = $4, finished_at = $5",
                [.text(outcome.rawValue), .text(reason), .instant(now)]
            )
        case .dead(let outcome, let reason):
            (
                "state = 'dead', lease_until = NULL, outcome = $3, reason = $4, finished_at = $5",
                [.text(outcome.rawValue), .text(reason), .instant(now)]
            )
        case .retry(let at, let reason, let unknown):
            (
                "state = 'scheduled', run_at = $3, lease_until = NULL, reason = $4, unknowns = unknowns + $5",
                [.instant(at), .text(reason), .flag(unknown)]
            )
        case .release(nil, let reason):
            ("state = 'ready', lease_until = NULL, attempts = attempts - 1, reason = $3", [.text(reason)])
        case .release(let until?, let reason):
            (
                "state = 'scheduled', run_at = $3, lease_until = NULL, attempts = attempts - 1, reason = $4",
                [.instant(until), .text(reason)]
            )
        }
    }

    private func record(_ attempt: Attempt, of job: Int64) throws {
        try connection.post(
            """
            INSERT INTO attempt (job, number, started_at, seconds, stage, code, verdict, reply, reused, worker,
                relay)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            """,
            [
                .integer(job), .integer(attempt.number), .instant(attempt.startedAt), .real(attempt.seconds),
                .text(attempt.stage), .optional(attempt.code.map(Int64.init)), .text(attempt.outcome.rawValue),
                .text(attempt.reply), .flag(attempt.reusedConnection), .text(attempt.worker),
                .optional(attempt.relay),
            ])
    }

    static func job(_ row: any Row) -> Job {
        Job(
            id: row.integer(0), kind: row.text(1),
            // The schema's CHECK admits no other text.
            state: JobState(rawValue: row.text(2)) ?? .held,
            payload: row.optionalText(3), createdAt: row.instant(4), runAt: row.instant(5), token: row.integer(6),
            attempts: Int(row.integer(7)), unknowns: Int(row.integer(8)), leaseUntil: row.optionalInstant(9),
            worker: row.optionalText(10), outcome: row.optionalText(11), reason: row.optionalText(12),
            finishedAt: row.optionalInstant(13), bouncedAt: row.optionalInstant(17), requestID: row.optionalText(14),
            account: row.optionalInteger(15), jobClass: row.optionalText(16).flatMap(JobClass.init(rawValue:)),
            application: row.optionalText(18))
    }
}
