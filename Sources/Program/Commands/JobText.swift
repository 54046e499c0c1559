import Domain
import Operations

/// Jobs as the commands print them for people. The payload stays out: it holds what somebody typed.
enum JobText {
    static func table(_ jobs: [Job], _ time: LocalTime) -> String {
        TextTable.rows(
            ["ID", "KIND", "STATE", "ATTEMPTS", "CREATED", "OUTCOME", "REASON"],
            jobs.map { job in
                [
                    "\(job.id)", plain(job.kind), job.state.rawValue, "\(job.attempts)",
                    time.stamp(job.createdAt), job.outcome ?? "-", plain(job.reason ?? "-"),
                ]
            })
    }

    static func page(_ job: Job, _ attempts: [Attempt], _ time: LocalTime) -> String {
        var rows = [
            ("job", "\(job.id)"), ("request", plain(job.requestID)), ("kind", plain(job.kind)),
            ("state", job.state.rawValue),
            ("outcome", job.outcome ?? "-"), ("reason", plain(job.reason ?? "-")),
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
                    attempt.reusedConnection ? "reused" : "new", plain(attempt.reply),
                ]
            })
        return TextTable.definitions(rows) + "\n\n" + tries
    }

    private static func milliseconds(_ seconds: Double) -> String { "\((seconds * 1000).rounded() / 1000)" }

    /// Cut, and without what a terminal would take for a command: text in the queue can come from anybody.
    private static func plain(_ text: String) -> String { Excerpt.of(text, atMost: Excerpt.reply) }
}
