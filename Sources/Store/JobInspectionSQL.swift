import Domain
import SQL

/// What operators see and change, and what a worker looks at before it takes the write lock.
extension StoreTransaction {
    func job(id: Int64) throws -> Job? {
        try connection.first("SELECT \(Self.jobColumns) FROM job WHERE id = $1", [.integer(id)], Self.job)
    }

    func jobs(_ filter: JobFilter, limit: Int) throws -> [Job] {
        let order = Self.order(listing: filter.state)
        let (conditions, values) = conditions(filter, order: order)
        return try connection.all(
            """
            SELECT \(Self.jobColumns) FROM job WHERE id \(queries.among(
                "SELECT id FROM job WHERE \(conditions) ORDER BY \(order) DESC LIMIT $\(values.count + 1)"))
            ORDER BY id DESC
            """, values + [.integer(limit)], Self.job)
    }

    func countJobs(_ filter: JobFilter) throws -> Int {
        let (conditions, values) = conditions(filter, order: Self.order(listing: filter.state))
        return try connection.first("SELECT count(*) FROM job WHERE \(conditions)", values) {
            Int($0.integer(0))
        } ?? 0
    }

    func oldestUnfinishedJobs(limit: Int) throws -> [Job] {
        let oldest = JobState.allCases.filter { !$0.isFinished && $0 != .dead }.map { state in
            // Each in the order of its own index, so that nothing is sorted.
            let order = state == .scheduled ? "run_at" : state == .running ? "lease_until" : "id"
            return """
                SELECT id FROM
                    (SELECT id FROM job WHERE state = '\(state.rawValue)' ORDER BY \(order) LIMIT \(limit))
                    AS \(state.rawValue)
                """
        }
        return try connection.all(
            """
            SELECT \(Self.jobColumns) FROM job WHERE id \(queries.among(oldest.joined(separator: "\nUNION ALL\n")))
            ORDER BY created_at, id LIMIT \(limit)
            """, [], Self.job)
    }

    private func conditions(_ filter: JobFilter, order: String) -> (sql: String, values: [Value]) {
        var conditions: [String] = []
        var values: [Value] = []
        func bind(_ value: Value) -> String {
            values.append(value)
            return "$\(values.count)"
        }
        conditions.append("\(order) < \(bind(.integer(filter.before ?? Int64.max)))")
        // States are written out: a bound parameter cannot prove that a partial index applies.
        if let state = filter.state { conditions.append("state = '\(state.rawValue)'") }
        if let kind = filter.kind { conditions.append("kind = \(bind(.text(kind)))") }
        if let outcome = filter.outcome {
            // What has bounced has an index of its own; see above.
            conditions.append(outcome == Job.bounced ? "outcome = 'bounced'" : "outcome = \(bind(.text(outcome)))")
        }
        if let application = filter.application { conditions.append("application = \(bind(.text(application)))") }
        if let time = filter.createdBefore { conditions.append("created_at < \(bind(.instant(time)))") }
        if let time = filter.createdAfter { conditions.append("created_at >= \(bind(.instant(time)))") }
        if let text = filter.reason {
            let pattern = Self.pattern(holding: text)
            conditions.append(pattern.map { queries.dialect.matches("reason", bind(.text($0))) } ?? "FALSE")
        }
        if let requestID = filter.requestID {
            conditions.append(
                Job.id(ofRequest: requestID).map { "id = \(bind(.integer($0)))" }
                    ?? "request_id = \(bind(.text(requestID)))")
        }
        if let account = filter.account {
            let (id, userID) = (bind(.integer(account.id)), bind(.text(CanonicalText.key(account.userID))))
            let space = bind(.text(CanonicalText.whitespace))
            // A request is known by the link it opened, and before that by what was typed.
            conditions.append(
                """
                id IN (
                    SELECT job FROM reset_request WHERE account = \(id)
                    UNION SELECT id FROM job WHERE account = \(id)
                    \(Self.unfinished.map { condition($0, userID, space) }.joined(separator: "\n")))
                """)
        }
        return (conditions.joined(separator: " AND "), values)
    }

    /// - Returns: nil for what no reason holds: SQLite takes no pattern beyond 50,000 bytes, and ends one at a NUL.
    private static func pattern(holding text: String) -> String? {
        guard text.utf8.count <= 20_000, !text.utf8.contains(0) else { return nil }
        var pattern = "%"
        for scalar in text.unicodeScalars {
            if ["\\", "%", "_"].contains(scalar) { pattern += "\\" }
            pattern.unicodeScalars.append(scalar)
        }
        return pattern + "%"
    }

    private static let unfinished = JobState.allCases.filter { !$0.isFinished }

    private func condition(_ state: JobState, _ userID: String, _ space: String) -> String {
        """
        UNION SELECT id FROM job
        WHERE state = '\(state.rawValue)'
            AND lower(trim(\(queries.dialect.member("user_id", of: "payload")), \(space))) = \(userID)
        """
    }

    /// What to sort and to limit by, so that the planner reads the rows of that state alone: where the state's index is sorted by
    /// something else than ids, `id + 0` keeps it from walking the whole table instead. Nearly the whole table is done,
    /// so there a walk down the ids finds the newest soonest.
    private static func order(listing state: JobState?) -> String {
        switch state {
        case nil, .done, .ready, .held, .dead: "id"
        case .scheduled, .running, .discarded: "id + 0"
        }
    }

    func attempts(jobs: [Int64]) throws -> [[Attempt]] {
        let questions = jobs.map {
            Question(
                """
                SELECT number, started_at, seconds, stage, code, verdict, reply, reused, worker, relay
                FROM attempt WHERE job = $1 ORDER BY id
                """,
                [.integer($0)])
        }
        return try connection.all(questions) { row in
            Attempt(
                number: Int(row.integer(0)), startedAt: row.instant(1), seconds: row.real(2), stage: row.text(3),
                code: row.optionalInteger(4).map(Int.init),
                outcome: Delivery.Outcome(rawValue: row.text(5)) ?? .unknown, reply: row.text(6),
                reusedConnection: row.flag(7), worker: row.text(8), relay: row.optionalText(9))
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

    func latestMailed(since: Instant, limit: Int) throws -> [MailedJob] {
        try connection.all(
            """
            SELECT finished_at, \(Self.jobClass),
                (SELECT relay FROM attempt WHERE attempt.job = job.id ORDER BY attempt.id DESC LIMIT 1)
            FROM job WHERE state = 'done' AND finished_at >= $1 AND outcome = 'mailed'
            ORDER BY finished_at DESC LIMIT $2
            """,
            [.instant(since), .integer(limit)]
        ) { row in
            MailedJob(
                at: row.instant(0), jobClass: JobClass(rawValue: row.text(1)) ?? .normal, relay: row.optionalText(2))
        }
    }

    func readyByClass() throws -> [JobClass: ReadyJobs] {
        var ready: [JobClass: ReadyJobs] = [:]
        for jobClass in JobClass.allCases {
            ready[jobClass] =
                try connection.first(
                    """
                    SELECT count(*), min(run_at) FROM job WHERE state = 'ready' AND \(Self.isMail) AND \(Self.jobClass) = '\(jobClass.rawValue)'
                    """
                ) { row in row.optionalInstant(1).map { ReadyJobs(count: Int(row.integer(0)), oldest: $0) } } ?? nil
        }
        return ready
    }

    func oldestReady() throws -> Instant? {
        try connection.first("SELECT min(run_at) FROM job WHERE state = 'ready' AND \(Self.isMail)") {
            $0.optionalInstant(0)
        }
        .flatMap { $0 }
    }

    func oldestReadyByKind() throws -> [String: Instant] {
        let rows = try connection.all("SELECT kind, min(run_at) FROM job WHERE state = 'ready' GROUP BY kind") {
            ($0.text(0), $0.instant(1))
        }
        return Dictionary(rows) { min($0, $1) }
    }

    func oldestRunning() throws -> Instant? {
        try connection.first("SELECT min(claimed_at) FROM job WHERE state = 'running'") { $0.optionalInstant(0) }
            .flatMap { $0 }
    }

    func hasWork(at now: Instant) throws -> Bool {
        try connection.first(queries.hasWork, [.instant(now)]) { $0.flag(0) } ?? false
    }

    func hasLapsed(at now: Instant) throws -> Bool {
        try connection.first(
            "SELECT EXISTS (SELECT 1 FROM job WHERE state = 'running' AND lease_until <= $1)", [.instant(now)]
        ) { $0.flag(0) } ?? false
    }

    func change(job: Int64, _ change: JobChange, at now: Instant) throws -> Bool {
        let effect =
            switch change {
            case .retry:
                """
                state = 'ready', run_at = $2, attempts = 0, unknowns = 0, outcome = NULL, finished_at = NULL,
                bounced_at = NULL
                """
            case .discard: "state = 'discarded', payload = NULL, finished_at = $2"
            case .hold: "state = 'held'"
            case .release: "state = 'ready', run_at = $2"
            }
        let origins = change.origins.map { "'\($0.rawValue)'" }.joined(separator: ", ")
        let changed =
            try connection.run(
                "UPDATE job SET \(effect) WHERE id = $1 AND state IN (\(origins)) AND \(Self.guarding(change))",
                [.integer(job), .instant(now)]) == 1
        if changed { didEnqueue = true }
        return changed
    }

    /// What was erased cannot be tried again.
    private static func guarding(_ change: JobChange) -> String { change == .retry ? "payload IS NOT NULL" : "TRUE" }
}
