import Domain
import SQL
import SQLite
import Support
import Testing

@testable import Store

/// The cost of a claim must not grow with history: asked of the planner, about the statements that really ran.
@Suite("Query plans")
struct QueryPlanTests {
    private let fixture = Result { try TemporarySQLiteDatabase() }

    /// What the planner says of the statements that `body` runs and that nothing ran before.
    private func plan(_ body: @escaping @Sendable (any WriteTransaction) throws -> Void) throws -> [String] {
        try fixture.get().database.write { transaction in
            guard let connection = (transaction as? StoreTransaction)?.connection as? SQLiteConnection else {
                return []
            }
            let before = connection.preparedSQL
            try body(transaction)
            let values = [SQL.Value](repeating: .null, count: 20)
            return try connection.preparedSQL.subtracting(before).sorted().flatMap { sql in
                try connection.all("EXPLAIN QUERY PLAN \(sql)", values) { $0.text(3) }
            }
        }
    }

    private static let now = Instant(milliseconds: 1_000)

    @Test("A claim reads the index of each class of ready jobs, kind by kind")
    func claim() throws {
        let plan = try plan { transaction in
            try transaction.enqueue(NewJob(kind: "reset-request", payload: "{}", createdAt: Self.now))
            _ = try transaction.claim(limit: 1, at: Self.now, leaseUntil: Self.now, worker: "w")
        }
        for jobClass in JobClass.allCases {
            #expect(plan.contains("SEARCH job USING INDEX job_ready_\(jobClass.rawValue) (kind=?)"), "\(plan)")
            #expect(plan.contains("SEARCH job USING INDEX job_ready_\(jobClass.rawValue) (kind>?)"), "\(plan)")
        }
        #expect(plan.contains("SEARCH job USING INTEGER PRIMARY KEY (rowid=?)"))
        #expect(
            plan.filter { $0.contains(" job ") }.allSatisfy {
                $0.contains("INDEX job_ready") || $0.contains("PRIMARY KEY")
            }, "\(plan)")
    }

    @Test("Promotion reads the index of scheduled jobs up to now and sorts nothing")
    func promote() throws {
        let plan = try plan { try $0.promote(at: Self.now, limit: 1) }
        #expect(plan.contains("SEARCH job USING INDEX job_scheduled (run_at<?)"))
        #expect(!plan.contains { $0.contains("TEMP B-TREE") })
    }

    @Test("Reaping reads the index of running jobs up to now and sorts nothing")
    func reap() throws {
        let plan = try plan { try $0.rescueExpired(at: Self.now, limit: 1) { _ in .seconds(1) } }
        #expect(plan == ["SEARCH job USING INDEX job_running (lease_until<?)"])
    }

    @Test("The look for work touches one entry of each index")
    func hasWork() throws {
        let plan = try plan { _ = try $0.hasWork(at: Self.now) }
        #expect(
            Set(plan.filter { $0.contains(" job ") }).subtracting([
                "SEARCH job USING INDEX job_running (lease_until<?)", "SEARCH job USING INDEX job_scheduled (run_at<?)",
            ]).allSatisfy { $0.contains("INDEX job_ready_") || $0.contains("PRIMARY KEY") }, "\(plan)")
    }

    @Test("The longest wait is found among the ready jobs, and the oldest unfinished jobs in each state's own index")
    func oldest() throws {
        #expect(try plan { _ = try $0.oldestReady() } == ["SEARCH job USING INDEX job_ready"])
        let unfinished = try plan { _ = try $0.oldestUnfinishedJobs(limit: 5) }
        for index in ["job_scheduled", "job_ready", "job_running", "job_held"] {
            #expect(unfinished.contains("SCAN job USING INDEX \(index)"), "\(unfinished)")
        }
    }

    @Test("Settling and extending find their row by its id")
    func settle() throws {
        let claim = Claim(job: 1, token: 1)
        let plan = try plan { transaction in
            _ = try transaction.extend(claim, leaseUntil: Self.now)
            for settlement in [
                Settlement.done(outcome: .mailed, reason: ""), .dead(outcome: .rejected, reason: ""),
                .retry(at: Self.now, reason: "", unknown: false), .release(until: nil, reason: ""),
                .release(until: Self.now, reason: ""),
            ] {
                _ = try transaction.settle(claim, settlement, attempt: nil, at: Self.now)
            }
        }
        #expect(plan.count == 6)
        #expect(Set(plan) == ["SEARCH job USING INTEGER PRIMARY KEY (rowid=?)"])
    }

    @Test("What applications are told is found in indices of its own, whatever waits and however long the history is")
    func webhooks() throws {
        let plan = try plan { transaction in
            _ = try transaction.receiversWithReadyMessages()
            for kind in JobKind.toApplications {
                _ = try transaction.claim(for: ReceiverID(kind, "a"), at: Self.now, leaseUntil: Self.now, worker: "w")
            }
            _ = try transaction.webhookQueues()
        }.filter { $0.contains(" job ") }
        for index in ["job_ready_webhook", "job_ready_logout", "job_webhook"] {
            #expect(plan.contains { $0.contains("INDEX \(index)") }, "\(index) in \(plan)")
        }
        #expect(
            plan.allSatisfy {
                $0.contains("INDEX job_ready_webhook") || $0.contains("INDEX job_ready_logout")
                    || $0.contains("INDEX job_webhook") || $0.contains("INTEGER PRIMARY KEY")
            }, "\(plan)")
    }

    @Test("What has bounced is found in an index of its own", arguments: [nil, JobState.done])
    func bounced(state: JobState?) throws {
        var filter = JobFilter(state: state)
        filter.outcome = Job.bounced
        let chosen = filter
        let plan = try plan { _ = try $0.jobs(chosen, limit: 5) }
        #expect(plan.contains { $0.contains("job_bounced") }, "\(plan)")
    }

    @Test("A list by state reads that state's index", arguments: JobState.allCases.filter { $0 != .done })
    func list(state: JobState) throws {
        let plan = try plan { _ = try $0.jobs(JobFilter(state: state, kind: "reset-request", before: 9), limit: 5) }
        #expect(plan.contains { $0.contains("USING INDEX job_\(state.rawValue)") }, "\(plan)")
    }

    @Test("A count by state reads that state's index", arguments: JobState.allCases.filter { !$0.isFinished })
    func count(state: JobState) throws {
        let plan = try plan { _ = try $0.countJobs(JobFilter(state: state, kind: "reset-request")) }
        #expect(plan.contains { $0.contains("USING INDEX job_\(state.rawValue)") }, "\(plan)")
    }

    @Test("What can be pruned is counted in the indices sorted by age")
    func countOfOld() throws {
        let plan = try plan { _ = try $0.countJobs(finishedBefore: Self.now) }
        #expect(
            plan == [
                "SEARCH job USING INDEX job_discarded (finished_at<?)",
                "SEARCH job USING INDEX job_done (finished_at<?)",
            ])
    }

    @Test("A list of finished jobs, and of all, walks down the ids and sorts nothing", arguments: [nil, JobState.done])
    func listOfDone(state: JobState?) throws {
        let plan = try plan { _ = try $0.jobs(JobFilter(state: state), limit: 5) }
        #expect(plan.contains("SEARCH job USING INTEGER PRIMARY KEY (rowid<?)"))
        #expect(!plan.contains { $0.contains("TEMP B-TREE FOR ORDER BY") })
    }

    @Test("A list has one statement, however long it is to be: each that is prepared is kept")
    func listOfAnyLength() throws {
        func plan(_ limits: ClosedRange<Int>) throws -> [String] {
            try self.plan { transaction in
                for limit in limits {
                    _ = try transaction.jobs(JobFilter(state: .dead), limit: limit)
                    _ = try transaction.auditEvents(AuditFilter(), limit: limit)
                    _ = try transaction.auditEvents(after: 0, limit: limit)
                }
            }
        }
        #expect(try !plan(1...1).isEmpty)
        #expect(try plan(2...9) == [])
    }

    @Test("Counting reads the index of each state")
    func counts() throws {
        let plan = try plan { _ = try $0.queueCounts() }
        for state in JobState.allCases {
            #expect(plan.contains("SCAN job USING INDEX job_\(state.rawValue)"))
        }
    }

    @Test("Pruning reads indices sorted by age")
    func prune() throws {
        let plan = try plan { _ = try $0.prune(finishedBefore: Self.now, limit: 5, at: Self.now) }
        for index in [
            "job_done (finished_at<?)", "job_discarded (finished_at<?)", "reset_request_expiry (expires_at<?)",
            "spent_captcha_expiry (expires_at<?)", "arrival_at (at<?)",
        ] {
            #expect(plan.contains { $0.hasSuffix(index) && $0.hasPrefix("SEARCH") }, "\(index) in \(plan)")
        }
    }

    @Test("A confirmation, a captcha and a limit are looked up, not searched for")
    func resets() throws {
        let plan = try plan { transaction in
            _ = try transaction.resetRequest(id: "x")
            _ = try transaction.resetRequest(job: 1)
            _ = try transaction.resetRequests(account: 1, since: Self.now)
            _ = try transaction.rateLimitHits(from: "x", since: Self.now)
            _ = try transaction.account(userID: "x")
            _ = try transaction.spend(request: "x", at: Self.now)
            _ = try transaction.cancel(request: "x", at: Self.now)
            _ = try transaction.attempts(job: 1)
        }
        #expect(!plan.isEmpty)
        #expect(!plan.contains { $0.hasPrefix("SCAN") || $0.contains("TEMP B-TREE") }, "\(plan)")
    }
}
