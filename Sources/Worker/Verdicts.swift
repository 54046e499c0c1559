import Domain

/// What a report means for its job: the table of DELIVERED, TEMPORARY, PERMANENT, RELAY FAULT and UNKNOWN.
enum Verdicts {
    /// A body that went out without an answer is sent once more; a duplicate holds the same link and Message-ID.
    private static let mostUnknowns = 2

    /// - Parameter random: uniform in 0..<1, for the jitter.
    static func settlement(for report: Report, at now: Instant, random: Double) -> Settlement {
        let job = report.errand.job
        guard let delivery = report.trial?.delivery else {
            return .release(until: nil, reason: job.reason ?? "handed back untried")
        }
        let reason = delivery.explanation
        let policy = RetryPolicy.policy(for: report.errand.kind)
        let next = policy.next(after: job.attempts, at: now, until: report.errand.expiry, random: random)
        switch delivery.verdict {
        case .delivered: return .done(outcome: .mailed, reason: delivery.reply)
        case .permanent: return .dead(outcome: .rejected, reason: reason)
        case .unknown where job.unknowns + 1 >= mostUnknowns: return .dead(outcome: .unknown, reason: reason)
        case .temporary, .unknown, .relayFault:
            guard let next else { return .dead(outcome: .expired, reason: reason) }
            return delivery.verdict == .relayFault
                ? .release(until: next, reason: reason)
                : .retry(at: next, reason: reason, unknown: delivery.verdict == .unknown)
        }
    }

    /// The line in the job's history; nothing for a job that was handed back untried.
    static func attempt(for report: Report, worker: String) -> Attempt? {
        report.trial.map { trial in
            let delivery = trial.delivery
            return Attempt(
                number: report.errand.job.attempts, startedAt: trial.startedAt, seconds: delivery.seconds,
                stage: delivery.stage, code: delivery.code, verdict: delivery.verdict, reply: delivery.reply,
                reusedConnection: delivery.reusedConnection, worker: worker)
        }
    }
}
