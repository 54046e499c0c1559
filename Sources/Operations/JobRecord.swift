package import Domain

/// A job as programs read it. The payload stays out: it holds what somebody typed.
package struct JobRecord: Sendable, Encodable {
    package struct Try: Sendable, Encodable {
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
    /// Follows the request from the form through logs and job to the mail.
    let requestID: String
    /// Where one job is asked for: each try to deliver it.
    let tries: [Try]?

    package init(_ job: Job, _ attempts: [Attempt]? = nil) {
        id = job.id
        kind = job.kind
        state = job.state.rawValue
        outcome = job.outcome
        reason = job.reason.map { Excerpt.of($0, atMost: Excerpt.reply) }
        self.attempts = job.attempts
        unknowns = job.unknowns
        createdAt = job.createdAt.milliseconds
        runAt = job.runAt.milliseconds
        leaseUntil = job.leaseUntil?.milliseconds
        finishedAt = job.finishedAt?.milliseconds
        worker = job.worker
        requestID = job.requestID
        tries = attempts?.map { attempt in
            Try(
                number: attempt.number, startedAt: attempt.startedAt.milliseconds, seconds: attempt.seconds,
                stage: attempt.stage, code: attempt.code, verdict: attempt.verdict.rawValue,
                reply: Excerpt.of(attempt.reply, atMost: Excerpt.reply), reusedConnection: attempt.reusedConnection,
                worker: attempt.worker)
        }
    }
}
