import Domain
import Glibc
import SQL
import SQLite
import Store

/// Pulih's whole way of many resets, from a queue that was held to the last settlement.
enum QueueLoad {
    struct Figures {
        /// Mails a second, from the commit that lets them go to the last settlement as the queue has noted it.
        let rate: Double
        /// CPU of the worker process a mail, in microseconds.
        let processorTime: Double
        /// Of the worker after the last mail, in MiB.
        let residentMemory: Double
    }

    /// Queues a request for each account, with a worker that is ready and may not take them, then lets them go.
    static func send(_ run: Run, count: Int, lanes: Int, port: Int, messagesPerConnection: Int) throws -> Figures {
        let installation = try Installation(
            run.folder, relayPort: port, lanes: lanes, accounts: count, messagesPerConnection: messagesPerConnection)
        defer { installation.remove() }
        let database = try installation.openDatabase()
        let pause = PausedKind(
            kind: PausedKind.everything, at: BenchClock().now(), by: "bench", why: "to begin at once")
        _ = try database.write { try $0.pause(pause) }
        try installation.enqueue(count, to: database)
        let worker = try installation.start("worker")
        defer { worker.stop() }
        try worker.answers(on: installation.operationsPort)

        let (start, used) = (BenchClock().now(), worker.processorTime)
        _ = try database.write { try $0.resume(lane: PausedKind.everything) }
        database.close()
        let reader = try SQLiteConnection(path: installation.database, role: .reader)
        try waitUntilDone(reader)
        let processorTime = worker.processorTime - used
        let end = try reader.first(
            "SELECT count(*), max(finished_at) FROM job WHERE state = 'done' AND outcome = 'mailed'"
        ) { (count: $0.integer(0), last: $0.integer(1)) }
        guard let end, end.count == count else { throw BenchFailure("not every mail was sent") }
        let time = Double(end.last - start.milliseconds) / 1000
        return Figures(
            rate: Double(count) / time, processorTime: processorTime / Double(count) * 1e6,
            residentMemory: worker.residentMemory)
    }

    /// Looks now and then, at the indices of what is not done alone.
    /// - Parameter look: called as often.
    static func waitUntilDone(_ reader: SQLiteConnection, _ look: () -> Void = {}) throws {
        let sql = """
            SELECT EXISTS (SELECT 1 FROM job WHERE state = 'ready')
                OR EXISTS (SELECT 1 FROM job WHERE state = 'running')
                OR EXISTS (SELECT 1 FROM job WHERE state = 'scheduled')
            """
        for _ in 0..<30_000 {
            if try reader.first(sql, [], { $0.integer(0) }) == 0 { return }
            look()
            usleep(10_000)
        }
        throw BenchFailure("the queue did not become empty within five minutes")
    }
}
