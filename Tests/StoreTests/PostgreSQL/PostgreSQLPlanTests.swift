import Domain
import PostgreSQL
import SQL
import Support
import Testing

@testable import Store

/// The cost of what is asked often must not grow with history: asked of PostgreSQL's planner, about the statements that
/// really ran, over a long one.
@Suite("Query plans on PostgreSQL")
struct PostgreSQLPlanTests {
    private static let now = Instant(milliseconds: 1_000_000)

    /// Tables that grow for as long as they are kept; others are read whole.
    private static let growing = [
        "job", "attempt", "account", "reset_request", "audit_event", "session", "failure", "recovery_code", "arrival",
        "spent_captcha", "session_change", "openid_token", "openid_grant", "application_session",
    ]

    private static let history = """
        INSERT INTO job (kind, state, outcome, created_at, run_at, finished_at)
            SELECT 'reset-request', 'done', 'mailed', n, n, n FROM generate_series(1, 200000) AS n;
        INSERT INTO job (kind, state, run_at) SELECT 'reset-notice', 'scheduled', 9000000 + n FROM generate_series(1, 20000) AS n;
        INSERT INTO job (kind) SELECT 'paused' FROM generate_series(1, 20000) AS n;
        INSERT INTO job (kind, application) SELECT 'webhook', 'a' FROM generate_series(1, 5000) AS n;
        INSERT INTO lane_pause (kind, paused_at, paused_by, why) VALUES ('paused', 1, 'x', 'x');
        INSERT INTO attempt (job, number, started_at, seconds, stage, verdict, reply, reused, worker)
            SELECT n, 1, n, 1, 'x', 'delivered', 'x', 0, 'w' FROM generate_series(1, 50000) AS n;
        INSERT INTO account (user_id, user_type, email, language, created_at)
            SELECT 'user' || n, 'penyedia', 'x', 'id', 1 FROM generate_series(1, 20000) AS n;
        INSERT INTO reset_request (id, account, generation, job, state, requested_at, opened_at, expires_at)
            SELECT 'r' || n, n % 20000 + 1, 0, n, 'used', n, n, n FROM generate_series(1, 50000) AS n;
        INSERT INTO audit_event (id, at, name, actor, subject, detail)
            SELECT n, n, 'x', 'x', 'user' || n % 5000, 'x' FROM generate_series(1, 50000) AS n;
        INSERT INTO session (digest, account, factor, started_at, created_at, seen_at, address, browser)
            SELECT decode(md5('s' || n), 'hex'), n % 20000 + 1, 'totp', n, n, n, 'x', 'x' FROM generate_series(1, 50000) AS n;
        INSERT INTO openid_grant (session, application, scopes, factor, authenticated_at, redirect_uri, challenge, code,
                code_expires_at, tells_logout)
            SELECT id, 'a', 'openid', 'totp', 1, 'x', 'x', digest, id, 0 FROM session;
        INSERT INTO openid_token (digest, grant_id, kind, expires_at)
            SELECT code, id, 'access', id FROM openid_grant;
        INSERT INTO application_session (digest, session, application, host, created_at)
            SELECT digest, id, 'a', 'x', 1 FROM session;
        INSERT INTO failure (factor, subject, count, last_at) SELECT 'code', '' || n, 1, n FROM generate_series(1, 20000) AS n;
        INSERT INTO arrival (address, at) SELECT 'x' || n, n FROM generate_series(1, 20000) AS n;
        INSERT INTO spent_captcha (id, expires_at) SELECT 'x' || n, n FROM generate_series(1, 20000) AS n;
        INSERT INTO session_change (session, at) SELECT n, n FROM generate_series(1, 20000) AS n;
        INSERT INTO recovery_code (account, digest, made_at) SELECT id, decode('01', 'hex'), 1 FROM account;
        ANALYZE;
        """

    /// What is done for each visitor, mail and look at the queue.
    private static func work(_ transaction: any WriteTransaction) throws {
        let claim = Claim(job: 1, token: 1)
        _ = try transaction.hasWork(at: now)
        try transaction.promote(at: now, limit: 100)
        _ = try transaction.rescueExpired(at: now, limit: 100) { _ in .seconds(1) }
        _ = try transaction.claim(limit: 32, at: now, leaseUntil: now, worker: "w")
        for kind in JobKind.toApplications {
            _ = try transaction.claim(for: ReceiverID(kind, "a"), at: now, leaseUntil: now, worker: "w")
        }
        _ = try transaction.receiversWithReadyMessages()
        _ = try transaction.extend(claim, leaseUntil: now)
        for settlement in [
            Settlement.done(outcome: .mailed, reason: ""), .dead(outcome: .rejected, reason: ""),
            .retry(at: now, reason: "", unknown: false), .release(until: nil, reason: ""),
            .release(until: now, reason: ""),
        ] {
            _ = try transaction.settle(claim, settlement, attempt: nil, at: now)
        }
        _ = try transaction.attempts(job: 1)
        _ = try transaction.prune(finishedBefore: Instant(milliseconds: 0), limit: 100, at: now)
        _ = try transaction.countJobs(finishedBefore: Instant(milliseconds: 0))
        for state in JobState.allCases { _ = try transaction.jobs(JobFilter(state: state), limit: 20) }
        _ = try transaction.jobs(JobFilter(), limit: 20)
        _ = try transaction.queueCounts()
        _ = try transaction.readyByClass()
        _ = try transaction.oldestReady()
        _ = try transaction.oldestRunning()
        _ = try transaction.oldestUnfinishedJobs(limit: 5)
        _ = try transaction.latestMailed(since: Instant(milliseconds: 199_000), limit: 20)
        _ = try transaction.webhookQueues()
        _ = try transaction.account(userID: "user7")
        _ = try transaction.account(id: 7)
        _ = try transaction.accounts(after: "user7", limit: 20)
        _ = try transaction.credentials(account: 7)
        _ = try transaction.acceptStep(account: 7, generation: 1, step: TimeStep(1), drift: 0)
        _ = try transaction.clearSecret(account: 7, generation: 9)
        _ = try transaction.resetRequest(id: "r7")
        _ = try transaction.resetRequest(job: 7)
        _ = try transaction.resetRequests(account: 7, since: now)
        _ = try transaction.spend(request: "r7", at: now)
        _ = try transaction.cancel(request: "r7", at: now)
        _ = try transaction.spendCaptcha("new", until: now)
        _ = try transaction.rateLimitHits(from: "x", since: now)
        _ = try transaction.session(digest: [1])
        _ = try transaction.sessions(account: 7)
        _ = try transaction.endSession(7, at: now)
        _ = try transaction.endSessions(account: 7, except: nil, at: now)
        try transaction.touch(session: 8, at: now)
        _ = try transaction.failures(.code(7))
        _ = try transaction.recordFailure(.code(7), at: now, forgetBefore: nil)
        _ = try transaction.recoveryCodes(account: 7)
        _ = try transaction.spendRecoveryCode(account: 7, digest: [1], at: now)
        _ = try transaction.applicationLogin(digest: [1])
        _ = try transaction.sessionChanges(after: nil)
        _ = try transaction.sessionChanges(after: 19_990)
        _ = try transaction.applicationsLoggedIn(account: 7)
        _ = try transaction.grant(code: [1])
        _ = try transaction.token(digest: [1])
        _ = try transaction.spendCode(grant: 7, at: now)
        _ = try transaction.spendToken(digest: [1], at: now)
        try transaction.append(
            AuditEvent(name: .loggedIn, at: now, actor: "x", subject: "x", address: nil, detail: ""))
        var filter = AuditFilter()
        filter.subject = "user7"
        _ = try transaction.auditEvents(filter, limit: 20)
        _ = try transaction.auditEvents(after: 49_000, limit: 20)
    }

    @Test("No table that grows is read whole, and a claim, a promotion and a rescue sort nothing but what they take")
    func indices() throws {
        let fixture = try TemporaryDatabase(on: .postgreSQL)
        try fixture.execute(Self.history)
        let plans = try fixture.database.write { transaction -> [(sql: String, plan: String)] in
            try Self.work(transaction)
            let session = try #require(transaction as? StoreTransaction)
            let connection = try #require(session.connection as? PostgreSQLConnection)
            try connection.execute("SET LOCAL plan_cache_mode = force_generic_plan")
            return try connection.preparedSQL.sorted().enumerated().compactMap { number, sql in
                guard ["SELECT", "UPDATE", "DELETE", "INSERT", "WITH"].contains(where: sql.hasPrefix) else {
                    return nil
                }
                try connection.execute("PREPARE planned\(number) AS \(sql)")
                let count = (1...20).last { sql.contains("$\($0)") } ?? 0
                let values =
                    count == 0 ? "" : "(" + [String](repeating: "NULL", count: count).joined(separator: ", ") + ")"
                let plan = try connection.all("EXPLAIN EXECUTE planned\(number)\(values)") { $0.text(0) }
                return (sql, plan.joined(separator: "\n"))
            }
        }
        #expect(plans.count > 60)
        for (sql, plan) in plans {
            for table in Self.growing {
                // A name of its own may follow the table's.
                #expect(!plan.contains(try Regex("Seq Scan on \(table)( |$)")), "\(sql)\n\(plan)")
            }
        }
    }
}
