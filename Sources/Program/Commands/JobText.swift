import CommandLine
import Domain
import Operations

/// Jobs as the commands print them for people. The payload stays out: it holds what somebody typed.
enum JobText {
    /// One line a job, the reason cut where the line ends.
    static func table(_ jobs: [Job], at now: Instant, width: Int) -> String {
        TextTable.rows(
            ["ID", "KIND", "CLASS", "STATE", "TRIES", "AGE", "OUTCOME", "REASON"],
            jobs.map { job in
                [
                    "\(job.id)", kind(job.kind), job.jobClass.rawValue, job.state.rawValue, "\(job.attempts)",
                    DurationText.age(since: job.createdAt, at: now), plain(job.outcome ?? "-"),
                    plain(job.reason ?? "-"),
                ]
            }, numbers: [0, 4, 5], width: width)
    }

    /// Everything about one job, the relay's words in full.
    static func page(
        _ row: JobWithUserID, _ attempts: [Attempt], at now: Instant, _ time: LocalTimeFormatter, width: Int
    ) -> String {
        let facts = TextTable.definitions(facts(row, attempts, at: now, time), width: width)
        guard !attempts.isEmpty else { return facts + "\n\nNo delivery has been attempted." }
        return facts + "\n\nAttempts, oldest first\n\n"
            + attempts.map { self.attempt($0, time, width: width) }
            .joined(separator: "\n")
    }

    private static func facts(
        _ row: JobWithUserID, _ attempts: [Attempt], at now: Instant, _ time: LocalTimeFormatter
    ) -> [(String, String)] {
        let job = row.job
        func momentText(_ instant: Instant) -> String {
            let age = (now - instant).seconds
            return
                "\(time.timestamp(instant)) (\(age < 0 ? "in \(DurationText.age(-age))" : "\(DurationText.age(age)) ago"))"
        }
        let unknowns = job.unknowns > 0 ? ", \(job.unknowns) with an unknown end" : ""
        // A fault of the relay gives the attempt back, and a retry counts from nought.
        let isSpared = attempts.count > job.attempts
        let spared =
            isSpared
            ? " (of \(attempts.count) below: faults of the relay do not count, nor what came before a retry)" : ""
        let holder = job.leaseUntil.map { "\(plain(job.worker ?? "unknown")), lease until \(time.timestamp($0))" }
        let facts: [(String, String?)] = [
            ("job", "\(job.id)"), ("request", plain(job.requestID)), ("kind", kind(job.kind)),
            ("application", job.application.map(plain)), ("class", job.jobClass.rawValue),
            ("account", row.userID), ("state", job.state.rawValue), ("outcome", job.outcome.map(plain)),
            ("reason", job.reason.map(plain)), ("meaning", job.refusal?.explanation),
            ("created", momentText(job.createdAt)),
            ("due", job.state == .scheduled ? momentText(job.runAt) : nil), ("worker", holder),
            ("finished", job.finishedAt.map(momentText)), ("bounced", job.bouncedAt.map(momentText)),
            ("attempts", "\(job.attempts)\(unknowns)\(spared)"),
        ]
        return facts.compactMap { term, fact in fact.map { (term, $0) } }
    }

    /// One attempt: the facts in a line, the relay's words under it.
    private static func attempt(_ attempt: Attempt, _ time: LocalTimeFormatter, width: Int) -> String {
        let code = attempt.code.map { " \($0)" } ?? ""
        let facts = [
            time.timestamp(attempt.startedAt), "\(attempt.outcome.rawValue) at \(plain(attempt.stage))\(code)",
            "after \(DurationText.duration(attempt.seconds))",
            "\(attempt.reusedConnection ? "reused" : "new") connection"
                + (attempt.relay.map { " to \(plain($0))" } ?? ""),
            plain(attempt.worker),
        ]
        let words = attempt.reply.isEmpty ? "(no reply)" : plain(attempt.reply)
        return (["  " + facts.joined(separator: "  ")] + TextTable.wrap(words, to: width - 5).map { "     " + $0 })
            .joined(separator: "\n")
    }

    /// A kind, which another program may have written.
    static func kind(_ text: String) -> String { Excerpt.of(text, atMost: 32) }

    /// Cut, and without what a terminal would take for a command: text in the queue can come from anybody.
    static func plain(_ text: String) -> String { Excerpt.of(text, atMost: Excerpt.reply) }
}
