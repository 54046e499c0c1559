import Cryptography
import Domain

/// One commit of a worker: what it brings to the queue and what it wants from it. A value, so that the transaction can
/// be tried again with the same content when the store was out of order.
struct Turn: Sendable {
    let worker: String
    let now: Instant
    let leaseUntil: Instant
    let reports: [Report]
    /// Claims whose leases are to be prolonged.
    let renewals: [Claim]
    /// How many jobs to claim at most.
    let limit: Int
    let heartbeat: WorkerStanding?
    /// Finished jobs older than this are deleted; nil when it is not time for it.
    let pruneBefore: Instant?

    struct Result: Sendable {
        var errands: [Errand] = []
        /// Claimed and ended at once: refused, expired, malformed.
        var ended: [Ended] = []
        /// Reports with what they led to.
        var settled: [Ended] = []
        /// Claims that had been taken over by another worker meanwhile.
        var fenced: [Claim] = []
        var lapsed = 0
        /// Whether pruning left more for the next time.
        var isPruningDue = false

        var claimed: Int { errands.count + ended.count }
    }

    struct Ended: Sendable {
        let job: Job
        let settlement: Settlement
    }

    private static let batch = 500
    private static let pruned = 1_000

    /// Runs inside the store's write transaction.
    func run(in store: any Writing, preparation: Preparation, random: any RandomSource) throws -> Result {
        var result = Result()
        for report in reports { try settle(report, in: store, random, &result) }
        for claim in renewals where try !store.extend(claim, leaseUntil: leaseUntil) { result.fenced.append(claim) }
        try store.promote(at: now, limit: Self.batch)
        result.lapsed = try store.reap(at: now, limit: Self.batch) { job in
            JobKind(rawValue: job.kind).map(RetryPolicy.policy(for:))?
                .delay(after: job.attempts, random: random.unit()) ?? .seconds(0)
        }
        for job in try store.claim(limit: limit, at: now, leaseUntil: leaseUntil, worker: worker) {
            switch try preparation.prepare(job, in: store, at: now) {
            case .send(let errand): result.errands.append(errand)
            case .settle(let settlement):
                _ = try store.settle(job.claim, settlement, attempt: nil, at: now)
                result.ended.append(Ended(job: job, settlement: settlement))
            }
        }
        if let heartbeat { try store.report(heartbeat) }
        if let pruneBefore {
            result.isPruningDue =
                try store.prune(finishedBefore: pruneBefore, limit: Self.pruned, at: now) >= Self.pruned
        }
        return result
    }

    private func settle(
        _ report: Report, in store: any Writing, _ random: any RandomSource, _ result: inout Result
    ) throws {
        let job = report.errand.job
        let settlement = Verdicts.settlement(for: report, at: now, random: random.unit())
        let attempt = Verdicts.attempt(for: report, worker: worker)
        if try store.settle(job.claim, settlement, attempt: attempt, at: now) {
            result.settled.append(Ended(job: job, settlement: settlement))
        } else {
            result.fenced.append(job.claim)
        }
    }
}
