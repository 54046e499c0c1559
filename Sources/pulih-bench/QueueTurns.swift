import Benchmarks
import Domain
import Store

/// What a worker does with a queue over and over: in one commit it settles a batch with its attempts, promotes, rescues and
/// claims the next batch.
struct QueueTurns {
    private static let batch = 32

    private let database: Database

    init(_ database: Database) { self.database = database }

    /// Queues requests as a portal does that many people come to: some share a commit.
    /// - Returns: requests a second.
    @discardableResult
    func enqueue(_ count: Int) throws -> Double {
        let time = try seconds {
            for start in stride(from: 0, to: count, by: Self.batch) {
                let job = NewJob(kind: "reset-request", payload: Self.payload, createdAt: BenchClock().now())
                try database.write { transaction in
                    for _ in start..<min(start + Self.batch, count) { try transaction.enqueue(job) }
                }
            }
        }
        return Double(count) / time
    }

    /// Claims and settles jobs of which at least as many are ready.
    /// - Returns: jobs a second.
    @discardableResult
    func settle(_ count: Int) throws -> Double {
        let time = try seconds {
            var (left, jobs) = (count, [Job]())
            repeat {
                jobs = try turn(settling: jobs, claiming: min(left, Self.batch))
                left -= jobs.count
                guard left == 0 || !jobs.isEmpty else {
                    throw BenchFailure("there was less to claim than was enqueued")
                }
            } while !jobs.isEmpty
        }
        return Double(count) / time
    }

    /// Asks whether there is anything to do, as an idle worker does when it is woken.
    /// - Returns: the milliseconds that it takes, p50.
    func look() throws -> Double {
        let times = try (0..<100).map { _ in
            try seconds { _ = try database.read { try $0.hasWork(at: BenchClock().now()) } } * 1000
        }
        return percentile(times, 0.5)
    }

    private func turn(settling jobs: [Job], claiming limit: Int) throws -> [Job] {
        let now = BenchClock().now()
        return try database.write { transaction in
            for job in jobs {
                _ = try transaction.settle(
                    job.claim, .done(outcome: .mailed, reason: "250 taken"), attempt: Self.attempt(of: job, at: now),
                    at: now)
            }
            try transaction.promote(at: now, limit: 500)
            try transaction.rescueExpired(at: now, limit: 500) { _ in .seconds(0) }
            // The shortest lease that can be configured.
            return try transaction.claim(limit: limit, at: now, leaseUntil: now + .seconds(5), worker: "bench")
        }
    }

    private static let payload =
        #"{"user_id":"budi","email":"budi@example.org","user_type":"penyedia","address":"192.0.2.1"}"#

    private static func attempt(of job: Job, at now: Instant) -> Attempt {
        Attempt(
            number: job.attempts, startedAt: now, seconds: 0.01, stage: "data", code: 250, outcome: .delivered,
            reply: "250 taken", reusedConnection: true, worker: "bench", relay: "127.0.0.1:25")
    }
}
