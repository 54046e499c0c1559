import Domain

/// Which settlement follows from a delivery: delivered, temporary, permanent, relay fault or unknown.
enum SettlementRules {
    /// A body that went out without an answer is sent once more; a duplicate holds the same link and Message-ID.
    private static let maximumUnknowns = 2

    /// - Parameters:
    ///   - relayTakesMail: whether there is a relay that can take what another failed over.
    ///   - random: uniform in 0..<1, for the jitter of a retry.
    static func settlement(
        for result: DeliveryResult, relayTakesMail: Bool, at now: Instant, random: @autoclosure () -> Double
    ) -> Settlement {
        let job = result.task.job
        guard let delivery = result.attempt?.delivery else {
            return .release(until: nil, reason: job.reason ?? "handed back untried")
        }
        let reason = delivery.explanation
        switch delivery.outcome {
        case .delivered: return .done(outcome: .mailed, reason: delivery.reply)
        case .permanent: return .dead(outcome: .rejected, reason: reason)
        case .unknown where job.unknowns + 1 >= maximumUnknowns: return .dead(outcome: .unknown, reason: reason)
        case .relayFault where relayTakesMail && now < result.task.expiry: return .release(until: nil, reason: reason)
        case .temporary, .unknown, .relayFault:
            let policy = RetryPolicy.policy(for: result.task.kind)
            let next = policy.next(after: job.attempts, at: now, until: result.task.expiry, random: random())
            guard let next else { return .dead(outcome: .expired, reason: reason) }
            return delivery.outcome == .relayFault
                ? .release(until: next, reason: reason)
                : .retry(at: next, reason: reason, unknown: delivery.outcome == .unknown)
        }
    }

    /// The line in the job's history; nothing for a job that was handed back untried.
    static func attempt(for result: DeliveryResult, worker: String) -> Attempt? {
        result.attempt.map { attempt in
            let delivery = attempt.delivery
            return Attempt(
                number: result.task.job.attempts, startedAt: attempt.startedAt, seconds: delivery.seconds,
                stage: delivery.stage, code: delivery.code, outcome: delivery.outcome, reply: delivery.reply,
                reusedConnection: delivery.reusedConnection, worker: worker,
                relay: result.task.relay)
        }
    }
}
