package import Domain

/// A job as programs read it. The payload stays out: it holds what somebody typed.
package struct JobRecord: Sendable, Encodable {
    package struct AttemptRecord: Sendable, Encodable {
        let number: Int
        let startedAt: Int64
        let seconds: Double
        let stage: String
        let code: Int?
        let verdict: String
        let reply: String
        let reusedConnection: Bool
        let worker: String
        let relay: String?
    }

    let id: Int64
    /// Follows the job from the form through the log to the mail.
    let requestID: String
    let kind: String
    /// The application that it is from or, with a webhook, for.
    let application: String?
    /// `urgent`, `normal` or `bulk`.
    let `class`: String
    let state: String
    let outcome: String?
    let reason: String?
    /// Why a request was refused, in a sentence.
    let explanation: String?
    let attempts: Int
    let unknowns: Int
    /// Epoch milliseconds, as all times here.
    let createdAt: Int64
    let runAt: Int64
    let leaseUntil: Int64?
    let finishedAt: Int64?
    /// When the mail came back.
    let bouncedAt: Int64?
    let worker: String?
    /// Where one job is asked for: the User ID, as far as it is still known.
    let account: String?
    /// Where one job is asked for: each try to deliver it.
    let tries: [AttemptRecord]?

    package init(_ job: Job, _ attempts: [Attempt]? = nil, account: String? = nil) {
        id = job.id
        requestID = Excerpt.of(job.requestID, atMost: Excerpt.name)
        self.account = account
        kind = job.kind
        application = job.application.map { Excerpt.of($0, atMost: Excerpt.name) }
        `class` = job.jobClass.rawValue
        state = job.state.rawValue
        outcome = job.outcome
        reason = job.reason.map { Excerpt.of($0, atMost: Excerpt.reply) }
        explanation = job.refusal?.explanation
        self.attempts = job.attempts
        unknowns = job.unknowns
        createdAt = job.createdAt.milliseconds
        runAt = job.runAt.milliseconds
        leaseUntil = job.leaseUntil?.milliseconds
        finishedAt = job.finishedAt?.milliseconds
        bouncedAt = job.bouncedAt?.milliseconds
        worker = job.worker
        tries = attempts?.map { attempt in
            AttemptRecord(
                number: attempt.number, startedAt: attempt.startedAt.milliseconds, seconds: attempt.seconds,
                stage: attempt.stage, code: attempt.code, verdict: attempt.outcome.rawValue,
                reply: Excerpt.of(attempt.reply, atMost: Excerpt.reply), reusedConnection: attempt.reusedConnection,
                worker: attempt.worker, relay: attempt.relay)
        }
    }
}
