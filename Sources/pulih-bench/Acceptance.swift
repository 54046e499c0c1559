import Domain
import Glibc
import SQL
import SQLite
import Store
import Threading

/// Durable requests a second: sixteen callers through the store's group commit, against one INSERT a transaction.
enum Acceptance {
    private static let callers = 16
    private static let requestsPerClient = 500

    static func run(_ folder: WorkFolder) throws {
        try compare(
            "accept", unit: "jobs/s", rounds: 5,
            ("group commit", { try grouped(folder.fresh("grouped.db")) }),
            ("one INSERT a transaction", { try insertsAlone(folder.fresh("alone.db")) }))
    }

    private static let payload = #"{"user_id":"budi","email":"budi@example.org","user_type":"penyedia"}"#

    private static func grouped(_ path: String) throws -> Double {
        let database = try Database(path: path, clock: BenchClock())
        defer { database.close() }
        let job = NewJob(kind: "reset-request", payload: payload, createdAt: BenchClock().now())
        let failed = Monitor(0)
        let time = seconds {
            let threads = (0..<callers).map { number in
                Thread(name: "caller-\(number)") {
                    for _ in 0..<requestsPerClient {
                        do { _ = try database.write { try $0.enqueue(job) } } catch { failed.withLock { $0 += 1 } }
                    }
                }
            }
            for thread in threads { thread.join() }
        }
        guard failed.withLock({ $0 }) == 0 else { throw BenchFailure("a request was not accepted") }
        return Double(callers * requestsPerClient) / time
    }

    static func insertsAlone(_ path: String) throws -> Double {
        try Database(path: path, clock: BenchClock()).close()
        let connection = try SQLiteConnection(path: path, role: .writer)
        let count = 4_000
        let time = try seconds {
            for _ in 0..<count {
                try connection.transaction {
                    _ = try connection.run(
                        "INSERT INTO job (kind, payload) VALUES ('reset-request', $1)", [.text(payload)])
                }
            }
        }
        return Double(count) / time
    }
}

struct BenchClock: Clock {
    func now() -> Instant {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Instant(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}
