import Cryptography
import Domain

/// One commit of a receiver's lane: settles the message that was sent and claims the next one. A value, so that the
/// transaction can be tried again with the same content when the store was out of order.
struct ApplicationTransaction: Sendable {
    /// What it needs of the store's transaction.
    typealias Transaction = JobQueue & ApplicationWriter & AuditWriter

    /// A message that was sent, and how that ended.
    struct Attempted: Sendable {
        let job: Job
        /// Where it was sent to.
        let url: String?
        let startedAt: Instant
        /// Nil when it was returned untried.
        let delivery: Delivery?
    }

    struct Outcome: Sendable {
        /// What to send next; nil when there is none.
        var next: (job: Job, message: ApplicationMessage)?
        var settled: [QueueTransaction.SettledJob] = []
        /// Whether the receiver was switched off.
        var isSwitchedOff = false
    }

    /// Messages that are given up unsent in one commit, at most.
    private static let mostUnsent = 100
    /// For how long what cannot be sent from here is left to others.
    private static let untriedDelay = TimeSpan.minutes(1)

    let receiver: ReceiverID
    /// Names the worker, and the receiver in the attempts.
    let worker: String
    let server: String
    let now: Instant
    let leaseUntil: Instant
    let attempted: Attempted?
    let claimsNext: Bool

    /// Runs inside the store's write transaction.
    func run(in transaction: any Transaction, random: any RandomSource) throws -> Outcome {
        var outcome = Outcome()
        if let attempted { try settle(attempted, in: transaction, random, &outcome) }
        guard claimsNext else { return outcome }
        let webhook = try webhook(in: transaction)
        for _ in 0..<Self.mostUnsent {
            guard
                let job = try transaction.claim(for: receiver, at: now, leaseUntil: leaseUntil, worker: worker)
            else { break }
            if let settlement = unsent(job, webhook) {
                _ = try transaction.settle(job.claim, settlement, attempt: nil, at: now)
                outcome.settled.append(.init(job: job, settlement: settlement))
            } else if let message = ApplicationMessage(job) {
                outcome.next = (job, message)
                break
            }
        }
        return outcome
    }

    /// What the store knows of the receiver of events; of logouts it knows nothing but what waits.
    private func webhook(in transaction: any Transaction) throws -> Webhook? {
        try receiver.kind == .webhook
            ? transaction.webhooks().first { $0.application == receiver.application } : nil
    }

    /// What becomes of a message that is not sent; nil for one that is. Given up, so that `pulih webhook retry` finds it.
    private func unsent(_ job: Job, _ webhook: Webhook?) -> Settlement? {
        if receiver.kind == .webhook {
            guard let webhook else {
                return .dead(
                    outcome: .rejected,
                    reason: "The configuration names no webhook of \(receiver.application) any more.")
            }
            if let reason = webhook.offReason, webhook.offSince != nil {
                return .dead(outcome: .rejected, reason: "The webhook is switched off: \(reason)")
            }
        }
        guard ApplicationMessage(job) != nil else {
            return .dead(outcome: .malformed, reason: "The payload is none of the kind \(receiver.kind.rawValue).")
        }
        return nil
    }

    private func settle(
        _ attempted: Attempted, in transaction: any Transaction, _ random: any RandomSource, _ outcome: inout Outcome
    ) throws {
        let job = attempted.job
        guard let delivery = attempted.delivery else {
            let reason =
                "This worker's configuration names no \(receiver.kind.rawValue) receiver of \(receiver.application)."
            let next = now + Self.untriedDelay
            let settlement: Settlement =
                next < Self.expiry(of: job)
                ? .release(until: next, reason: reason) : .dead(outcome: .expired, reason: reason)
            _ = try transaction.settle(job.claim, settlement, attempt: nil, at: now)
            return
        }
        // What an address says that the configuration has left meanwhile tells nothing of the new one.
        let isCurrent = try webhook(in: transaction)?.url == attempted.url
        let settlement =
            !isCurrent && delivery.outcome == .permanent && receiver.kind == .webhook
            ? .retry(
                at: now + RetryPolicy.webhook.delay(after: job.attempts, random: random.uniform()),
                reason: delivery.explanation, unknown: false)
            : Self.settlement(of: delivery, job, at: now, random: random.uniform())
        let attempt = Attempt(
            number: job.attempts, startedAt: attempted.startedAt, seconds: delivery.seconds, stage: delivery.stage,
            code: delivery.code, outcome: delivery.outcome, reply: delivery.reply,
            reusedConnection: delivery.reusedConnection, worker: worker, relay: server)
        guard try transaction.settle(job.claim, settlement, attempt: attempt, at: now) else { return }
        outcome.settled.append(.init(job: job, settlement: settlement))
        guard receiver.kind == .webhook, isCurrent else { return }
        try transaction.record(
            WebhookOutcome(
                at: attempted.startedAt, isDelivered: delivery.outcome == .delivered, words: delivery.explanation),
            of: receiver.application)
        guard delivery.outcome == .permanent,
            try transaction.switchOff(webhook: receiver.application, at: now, why: delivery.explanation)
        else { return }
        outcome.isSwitchedOff = true
        try transaction.append(
            AuditEvent(
                name: .webhookSwitchedOff, at: now, actor: "application:\(receiver.application)",
                subject: "webhook:\(receiver.application)", address: nil, detail: delivery.explanation))
    }

    private static func expiry(of job: Job) -> Instant {
        // The length of a reset link's life matters to nothing that applications are told.
        job.createdAt + (JobKind(rawValue: job.kind) ?? .webhook).lifetime(linkLifetime: .seconds(0))
    }

    /// - Parameter random: uniform in 0..<1, for the jitter.
    static func settlement(of delivery: Delivery, _ job: Job, at now: Instant, random: Double) -> Settlement {
        switch delivery.outcome {
        case .delivered: return .done(outcome: .delivered, reason: delivery.explanation)
        case .permanent: return .dead(outcome: .rejected, reason: delivery.explanation)
        case .temporary, .relayFault, .unknown:
            let wait = RetryPolicy.webhook.delay(after: job.attempts, random: random)
            let next = now + max(wait, delivery.retryAfter ?? wait)
            return next < expiry(of: job)
                ? .retry(at: next, reason: delivery.explanation, unknown: false)
                : .dead(outcome: .expired, reason: delivery.explanation)
        }
    }
}
