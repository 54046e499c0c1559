import Benchmarks
import Domain
import Store

/// What a worker does with a queue over and over: in one commit it settles a batch with its attempts, promotes, claims the next
/// batch, and from time to time rescues what others have left and tells that it lives.
final class QueueTurns {
    private static let batch = 32
    /// As Pulih has it by default.
    private static let lease = TimeSpan.minutes(1)

    private let database: Database
    private let startedAt = BenchClock().now()
    private var nextRescue = BenchClock().now()
    private var nextHeartbeat = BenchClock().now()

    init(_ database: Database) { self.database = database }

    /// Lets queues do the same, a little at a time by turns: what else the machine does falls on each of them alike.
    /// - Parameters:
    ///   - count: how often each does it, a multiple of 160.
    ///   - work: does it so often.
    /// - Returns: how often a second each does it.
    static func rates(
        of queues: [QueueTurns], _ count: Int, _ work: (QueueTurns) -> (Int) throws -> Void
    ) throws -> [Double] {
        let slice = 5 * batch
        var times = queues.map { _ in 0.0 }
        for _ in 0..<count / slice {
            for (index, queue) in queues.enumerated() { times[index] += try seconds { try work(queue)(slice) } }
        }
        return times.map { Double(count / slice * slice) / $0 }
    }

    /// Queues requests as a portal does that many people come to: some share a commit.
    func enqueue(_ count: Int) throws {
        for start in stride(from: 0, to: count, by: Self.batch) {
            let job = NewJob(kind: "reset-request", payload: Self.payload, createdAt: BenchClock().now())
            try database.write { transaction in
                for _ in start..<min(start + Self.batch, count) { try transaction.enqueue(job) }
            }
        }
    }

    /// Claims and settles jobs of which at least as many are ready.
    func settle(_ count: Int) throws {
        var (left, jobs) = (count, [Job]())
        repeat {
            jobs = try turn(settling: jobs, claiming: min(left, Self.batch))
            left -= jobs.count
            guard left == 0 || !jobs.isEmpty else { throw BenchFailure("there was less to claim than was enqueued") }
        } while !jobs.isEmpty
    }

    /// Asks whether there is anything to do, as an idle worker does when it is woken.
    /// - Returns: the milliseconds that it takes, p50.
    func look() throws -> Double {
        let times = try (0..<100).map { _ in
            try seconds { _ = try database.read { try $0.hasWork(at: BenchClock().now()) } } * 1000
        }
        return percentile(times, 0.5)
    }

    /// Tells operators that it lives, at which what was counted is summed up.
    /// - Returns: the milliseconds that it takes.
    func beat() throws -> Double {
        let heartbeat = heartbeat(at: BenchClock().now())
        return try seconds { try database.write { try $0.recordHeartbeat(heartbeat) } } * 1000
    }

    private func turn(settling jobs: [Job], claiming limit: Int) throws -> [Job] {
        let now = BenchClock().now()
        let rescues = nextRescue <= now
        // Twenty times a lease.
        if rescues { nextRescue = now + .milliseconds(Self.lease.milliseconds / 20) }
        let heartbeat = nextHeartbeat <= now ? heartbeat(at: now) : nil
        if heartbeat != nil { nextHeartbeat = now + .seconds(15) }
        let ends = jobs.map { job in
            ClaimEnd(
                job.claim, .done(outcome: .mailed, reason: "250 taken"), attempt: Self.attempt(of: job, at: now))
        }
        return try database.write { transaction in
            _ = try transaction.settle(ends, at: now)
            try transaction.promote(at: now, limit: 500)
            if rescues { try transaction.rescueExpired(at: now, limit: 500) { _ in .seconds(0) } }
            if let heartbeat { try transaction.recordHeartbeat(heartbeat) }
            return try transaction.claim(limit: limit, at: now, leaseUntil: now + Self.lease, worker: "bench")
        }
    }

    private func heartbeat(at now: Instant) -> WorkerHeartbeat {
        WorkerHeartbeat(
            id: "bench", startedAt: startedAt, heartbeatAt: now, relay: "closed", relayReason: "", lanes: 4, busy: 0)
    }

    private static let payload =
        #"{"user_id":"budi","email":"budi@example.org","user_type":"penyedia","address":"192.0.2.1"}"#

    private static func attempt(of job: Job, at now: Instant) -> Attempt {
        Attempt(
            number: job.attempts, startedAt: now, seconds: 0.01, stage: "data", code: 250, outcome: .delivered,
            reply: "250 taken", reusedConnection: true, worker: "bench", relay: "127.0.0.1:25")
    }
}
