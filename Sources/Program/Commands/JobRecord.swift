import Domain

/// A job as the commands print it. The payload stays out: it holds what somebody typed.
struct JobRecord: Encodable {
    struct Try: Encodable {
        let number: Int
        let startedAt: Int64
        let seconds: Double
        let stage: String
        let code: Int?
        let verdict: String
        let reply: String
        let reusedConnection: Bool
        let worker: String
    }

    let id: Int64
    let kind: String
    let state: String
    let outcome: String?
    let reason: String?
    let attempts: Int
    let unknowns: Int
    /// Epoch milliseconds, as all times here.
    let createdAt: Int64
    let runAt: Int64
    let leaseUntil: Int64?
    let finishedAt: Int64?
    let worker: String?
    let tries: [Try]?

    init(_ job: Job) { self.init(job, nil) }

    init(_ job: Job, _ attempts: [Attempt]?) {
        id = job.id
        kind = job.kind
        state = job.state.rawValue
        outcome = job.outcome
        reason = job.reason
        self.attempts = job.attempts
        unknowns = job.unknowns
        createdAt = job.createdAt.milliseconds
        runAt = job.runAt.milliseconds
        leaseUntil = job.leaseUntil?.milliseconds
        finishedAt = job.finishedAt?.milliseconds
        worker = job.worker
        tries = attempts?.map { attempt in
            Try(
                number: attempt.number, startedAt: attempt.startedAt.milliseconds, seconds: attempt.seconds,
                stage: attempt.stage, code: attempt.code, verdict: attempt.verdict.rawValue, reply: attempt.reply,
                reusedConnection: attempt.reusedConnection, worker: attempt.worker)
        }
    }

    static func table(_ jobs: [Job], _ time: LocalTime) -> String {
        TextTable.rows(
            ["ID", "KIND", "STATE", "ATTEMPTS", "CREATED", "OUTCOME", "REASON"],
            jobs.map { job in
                [
                    "\(job.id)", printable(job.kind), job.state.rawValue, "\(job.attempts)",
                    time.stamp(job.createdAt), job.outcome ?? "-", printable(job.reason ?? "-"),
                ]
            })
    }

    static func page(_ job: Job, _ attempts: [Attempt], _ time: LocalTime) -> String {
        var rows = [
            ("job", "\(job.id)"), ("kind", printable(job.kind)), ("state", job.state.rawValue),
            ("outcome", job.outcome ?? "-"), ("reason", printable(job.reason ?? "-")),
            ("created", time.stamp(job.createdAt)), ("due", time.stamp(job.runAt)),
            ("attempts", "\(job.attempts)" + (job.unknowns > 0 ? ", \(job.unknowns) with an unknown end" : "")),
        ]
        if let worker = job.worker { rows.append(("worker", worker)) }
        if let lease = job.leaseUntil { rows.append(("lease until", time.stamp(lease))) }
        if let finished = job.finishedAt { rows.append(("finished", time.stamp(finished))) }
        guard !attempts.isEmpty else { return TextTable.definitions(rows) }
        let tries = TextTable.rows(
            ["NO", "STARTED", "SECONDS", "STAGE", "CODE", "VERDICT", "CONNECTION", "REPLY"],
            attempts.map { attempt in
                [
                    "\(attempt.number)", time.stamp(attempt.startedAt), milliseconds(attempt.seconds), attempt.stage,
                    attempt.code.map { "\($0)" } ?? "-", attempt.verdict.rawValue,
                    attempt.reusedConnection ? "reused" : "new", printable(attempt.reply),
                ]
            })
        return TextTable.definitions(rows) + "\n\n" + tries
    }

    private static func milliseconds(_ seconds: Double) -> String { "\((seconds * 1000).rounded() / 1000)" }

    /// Without what a terminal would take for a command: text in the queue can come from anybody.
    private static func printable(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { $0.value < 0x20 || (0x7f...0x9f).contains($0.value) ? "?" : $0 }))
    }
}
