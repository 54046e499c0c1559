import Domain
import SQL
import SQLite
import Store

/// Claim and settle with a long history and many jobs waiting for their time, against an empty table.
enum Claiming {
    private static let finished = 1_000_000
    private static let future = 100_000
    private static let batches = 100
    private static let batch = 32

    static func run(_ folder: WorkFolder) throws {
        let empty = try prepared(folder.fresh("empty.db"), finished: 0, future: 0)
        let full = try prepared(folder.fresh("full.db"), finished: finished, future: future)
        try compare(
            "claim and settle", unit: "jobs/s", rounds: 5,
            ("1,000,000 finished and 100,000 future", { try measureRound(full) }),
            ("empty", { try measureRound(empty) }))
        empty.close()
        full.close()
    }

    private static func prepared(_ path: String, finished: Int, future: Int) throws -> Database {
        let database = try Database(path: path, clock: BenchClock())
        let connection = try SQLiteConnection(path: path, role: .writer)
        let now = BenchClock().now().milliseconds
        try connection.transaction {
            for number in 0..<finished {
                try connection.run(
                    """
                    INSERT INTO job (kind, state, created_at, run_at, outcome, finished_at)
                    VALUES ('reset-request', 'done', $1, $1, 'mailed', $1)
                    """, [.integer(now - Int64(number))])
            }
            for number in 0..<future {
                try connection.run(
                    """
                    INSERT INTO job (kind, payload, state, created_at, run_at)
                    VALUES ('reset-request', '{}', 'scheduled', $1, $2)
                    """, [.integer(now), .integer(now + 86_400_000 + Int64(number))])
            }
        }
        return database
    }

    private static func measureRound(_ database: Database) throws -> Double {
        let now = BenchClock().now()
        let job = NewJob(kind: "reset-request", payload: "{}", createdAt: now)
        try database.write { transaction in
            for _ in 0..<(batches * batch) { try transaction.enqueue(job) }
        }
        let time = try seconds {
            var claimed: [Job] = []
            for _ in 0...batches {
                let settled = claimed
                claimed = try database.write { transaction in
                    for job in settled {
                        _ = try transaction.settle(
                            job.claim, .done(outcome: .mailed, reason: ""), attempt: nil, at: now)
                    }
                    _ = try transaction.promote(at: now, limit: 500)
                    return try transaction.claim(limit: batch, at: now, leaseUntil: now + .minutes(1), worker: "bench")
                }
            }
        }
        return Double(batches * batch) / time
    }
}
