import Cryptography
import Domain

/// One commit of a worker: the results it settles and the jobs it claims. A value, so that the transaction can
/// be tried again with the same content when the store was out of order.
struct QueueTransaction: Sendable {
    /// What it needs of the store's transaction.
    typealias Transaction = JobQueue & StoreMaintenance & JobPreparer.Transaction

    let worker: String
    let now: Instant
    let leaseUntil: Instant
    let results: [DeliveryResult]
    /// Claims whose leases are to be prolonged.
    let renewals: [Claim]
    /// Whether it is time to look for leases that have lapsed.
    let rescues: Bool
    /// How many jobs to claim at most.
    let limit: Int
    let classes: [JobClass]
    /// Whether any relay takes mail.
    let relayTakesMail: Bool
    /// Which classes had their turn before.
    let shares: ClaimShares
    let heartbeat: WorkerHeartbeat?
    /// Finished jobs older than this are deleted; nil when it is not time for it.
    let pruneBefore: Instant?

    struct Outcome: Sendable {
        var tasks: [DeliveryTask] = []
        /// Claimed and settled without a delivery: refused, expired, malformed.
        var settledUnsent: [SettledJob] = []
        /// Deliveries with their settlement.
        var settled: [SettledJob] = []
        /// Claims that had been taken over by another worker meanwhile.
        var fenced: [Claim] = []
        var lapsed = 0
        /// The same after these claims.
        var shares = ClaimShares()
        /// Whether pruning left more for the next time.
        var isPruningDue = false

        var claimed: Int { tasks.count + settledUnsent.count }
    }

    struct SettledJob: Sendable {
        let job: Job
        let settlement: Settlement
    }

    private static let promoteBatch = 500
    private static let pruneBatch = 1_000

    /// Runs inside the store's write transaction.
    func run(in transaction: any Transaction, preparer: JobPreparer, random: any RandomSource) throws -> Outcome {
        var outcome = Outcome()
        try settle(in: transaction, random, &outcome)
        for claim in renewals where try !transaction.extend(claim, leaseUntil: leaseUntil) {
            outcome.fenced.append(claim)
        }
        try transaction.promote(at: now, limit: Self.promoteBatch)
        if rescues {
            outcome.lapsed = try transaction.rescueExpired(at: now, limit: Self.promoteBatch) { job in
                JobKind(rawValue: job.kind).map(RetryPolicy.policy(for:))?
                    .delay(after: job.attempts, random: random.uniform()) ?? .seconds(0)
            }
        }
        outcome.shares = shares
        let claimed = try transaction.claim(
            limit: limit, of: classes, shares: &outcome.shares, at: now, leaseUntil: leaseUntil, worker: worker)
        for (job, result) in zip(claimed, try preparer.prepare(claimed, in: transaction, at: now)) {
            switch result {
            case .send(let task): outcome.tasks.append(task)
            case .settle(let settlement): outcome.settledUnsent.append(SettledJob(job: job, settlement: settlement))
            }
        }
        let unsent = outcome.settledUnsent.map { ClaimEnd($0.job.claim, $0.settlement, attempt: nil) }
        _ = try transaction.settle(unsent, at: now)
        if let heartbeat { try transaction.recordHeartbeat(heartbeat) }
        if let pruneBefore {
            outcome.isPruningDue =
                try transaction.prune(finishedBefore: pruneBefore, limit: Self.pruneBatch, at: now) >= Self.pruneBatch
        }
        return outcome
    }

    private func settle(
        in transaction: any JobQueue, _ random: any RandomSource, _ outcome: inout Outcome
    ) throws {
        let ends = results.map { result in
            let settlement = SettlementRules.settlement(
                for: result, relayTakesMail: relayTakesMail, at: now, random: random.uniform())
            return ClaimEnd(
                result.task.job.claim, settlement, attempt: SettlementRules.attempt(for: result, worker: worker))
        }
        let areOurs = try transaction.settle(ends, at: now)
        for (result, (end, isOurs)) in zip(results, zip(ends, areOurs)) {
            if isOurs {
                outcome.settled.append(SettledJob(job: result.task.job, settlement: end.settlement))
            } else {
                outcome.fenced.append(end.claim)
            }
        }
    }
}
