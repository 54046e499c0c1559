import Domain
import SQL
import SQLite
import Store

/// How long operators wait for an answer: each command as a whole process, and each page of a running worker, against a
/// queue with jobs in every state and a long history, as a ratio to the limit.
enum OperatorLatency {
    private static let limit = 0.1
    private static let rounds = 7
    private static let accounts = 1000
    private static let finished = 200_000
    private static let events = 50_000

    private static let questions =
        [
            "queue status", "queue status --json", "queue list",
        ] + JobState.allCases.map { "queue list --state \($0.rawValue)" } + [
            "queue list --kind reset-notice", "queue list --kind mail-test", "queue list --state dead --kind mail-test",
            "queue list --account user7", "queue list --account user1000", "queue list --older-than 1d",
            "queue list --state done --older-than 1d", "queue list --newer-than 1min",
            "queue list --state discarded --newer-than 1min", "queue list --reason mailbox",
            "queue list --reason nothing-holds-this", "queue list --state done --reason nothing-holds-this",
            "queue list --account user7 --state done --reason nothing-holds-this", "queue show 7",
            "queue retry --state dead --dry-run", "queue discard --reason mailbox --dry-run",
            "queue hold --account user7 --dry-run", "queue discard --older-than 1min --dry-run",
            "queue prune --older-than 1min --dry-run", "audit list", "audit list --subject job:7",
            "audit list --actor operator:nobody", "audit list --event policy_changed", "audit list --since 1min",
        ]

    private static let pages = [
        "/", "/jobs", "/jobs?state=done", "/jobs?state=dead", "/jobs?kind=mail-test", "/jobs?account=user7",
        "/jobs?reason=mailbox", "/jobs?reason=nothing-holds-this", "/jobs?state=done&older_than=1d", "/jobs/7",
        "/readyz", "/metrics", "/api/v1/status", "/api/v1/jobs?limit=500", "/api/v1/jobs/7", "/api/v1/audit",
    ]

    static func run(_ folder: WorkFolder) throws {
        let installation = try Installation(folder, relayPort: Sink.port() + 20, lanes: 1, accounts: accounts)
        try fill(installation)
        var ratios = try questions.map { question in
            let words = question.split(separator: " ").map(String.init)
            return try measured("pulih \(question)") { try installation.run(words) }
        }
        // The queue is to stay as it is while its pages are looked at.
        try installation.run(["queue", "pause", "all"])
        let worker = try installation.start("worker", log: folder.fresh("worker"))
        defer { worker.stop() }
        let port = installation.portalPort + 1
        try worker.answers(on: port)
        let client = try PortalClient(port: port, from: "127.0.0.1")
        ratios += try pages.map { page in
            try measured("GET \(page)") {
                // 503 is the truth of /readyz while everything is paused.
                guard [200, 503].contains(try client.get(page).status) else { throw BenchFailure("\(page) failed") }
            }
        }
        printLine("answer: the slowest of \(ratios.count): ratio to the limit \(hundredths(ratios.max() ?? 0))")
    }

    /// - Returns: the ratio to the limit.
    private static func measured(_ what: String, _ ask: () throws -> Void) throws -> Double {
        let time = median(try (0..<rounds).map { _ in try seconds(ask) })
        printLine("answer: \(what): \(whole(time * 1000)) ms, ratio to the limit \(hundredths(time / limit))")
        return time / limit
    }

    /// Ages rise with the ids, a job a second back in time.
    private static func fill(_ installation: Installation) throws {
        let database = try installation.openDatabase()
        defer { database.close() }
        let connection = try SQLiteConnection(path: installation.database, role: .writer)
        let now = BenchClock().now().milliseconds
        try connection.transaction {
            try connection.run(
                """
                WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < \(finished))
                INSERT INTO job (kind, state, created_at, run_at, token, attempts, outcome, reason, finished_at,
                    request_id, account)
                SELECT CASE n % 10 WHEN 0 THEN 'reset-notice' ELSE 'reset-request' END,
                    CASE n % 20 WHEN 7 THEN 'discarded' ELSE 'done' END, $1 - (\(finished) - n) * 1000,
                    $1 - (\(finished) - n) * 1000, 1, 1, 'mailed', '2.0.0 Ok: queued as 4F1A2B3C' || n,
                    $1 - (\(finished) - n) * 1000, 'r' || n, CASE n % 10 WHEN 0 THEN n % \(accounts) + 1 END
                FROM number
                """, [.integer(now)])
            try connection.run(
                """
                INSERT INTO attempt (job, number, started_at, seconds, stage, code, verdict, reply, reused, worker)
                SELECT id, 1, created_at, 0.01, 'body', 250, 'delivered', reason, 1, 'bench' FROM job
                """)
            try connection.run(
                """
                INSERT INTO reset_request (id, account, generation, job, state, requested_at, opened_at, expires_at)
                SELECT 'q' || id, id % \(accounts) + 1, 0, id, 'used', created_at, created_at, created_at + 1800000
                FROM job WHERE kind = 'reset-request'
                """)
            for (state, count) in [("scheduled", 2000), ("ready", 5000), ("running", 8), ("held", 500), ("dead", 2000)]
            {
                let lease = state == "running" ? "$1 + 60000" : "NULL"
                try connection.run(
                    """
                    WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < \(count))
                    INSERT INTO job (kind, payload, state, created_at, run_at, attempts, lease_until, claimed_at, reason)
                    SELECT 'reset-request', '{"user_id":"user' || (n % \(accounts) + 1) || '","email":"x@example.org"}',
                        '\(state)', $1 - 90000, $1 + 60000, 1, \(lease), \(lease),
                        'relay:587 answered RCPT TO with "550 5.1.1 No such mailbox": it does not exist.'
                    FROM number
                    """, [.integer(now)])
            }
        }
        let desk = Operator(name: "operator:bench", address: nil)
        for start in stride(from: 0, to: events, by: 1000) {
            try database.write { transaction in
                for number in start..<start + 1000 {
                    try transaction.append(
                        AuditEvent(
                            name: .jobRetried, at: Instant(milliseconds: now - Int64(events - number) * 1000),
                            actor: desk.name, subject: "job:\(number)", address: nil, detail: "was dead"))
                }
            }
        }
    }
}
