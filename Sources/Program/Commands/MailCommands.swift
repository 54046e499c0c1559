import Domain
import FoundationEssentials
import Operations
import Store
import Threading

/// `pulih mail test`: a mail through the same queue, worker and relay as every other.
enum MailCommands {
    static let test = Command(
        "mail test", summary: "Send a test mail through queue, worker and relay, wait, and tell what became of it",
        options: [
            Commands.config, .init("to", "ADDRESS", "where to send it"),
            .init("wait", "SECONDS", "how long to wait (default 60)"), Commands.json,
        ]
    ) { invocation in
        let to = try invocation.required("to")
        guard EmailAddress(to) != nil else { throw UsageFault("\(to) is not an e-mail address") }
        let seconds = try invocation.integer("wait", in: 1...600, default: 60)
        return try invocation.withDatabase { database, configuration in
            let clock = SystemClock()
            let job = try TestPayload(to: to).job(at: clock.now())
            let changes = Monitor(0)
            let watcher = try ChangeWatcher(path: configuration.databasePath) { changes.withLock { $0 += 1 } }
            defer { watcher.close() }
            let id = try database.write { try $0.enqueue(job) }
            if !invocation.has("json") { Console.line("Job \(id) is queued; waiting for a worker …") }
            let deadline = clock.now() + .seconds(Int64(seconds))
            var last = try database.read { try $0.job(id: id) }
            while let job = last, ![.done, .dead, .discarded].contains(job.state), clock.now() < deadline {
                let seen = changes.withLock { $0 }
                let _: Bool? = changes.wait(timeout: 1) { $0 == seen ? nil : true }
                last = try database.read { try $0.job(id: id) }
            }
            return try tell(
                id, last, try database.read { try $0.workers() }, after: seconds, invocation, at: clock.now())
        }
    }

    private static func tell(
        _ id: Int64, _ job: Job?, _ workers: [WorkerStanding], after seconds: Int, _ invocation: Invocation,
        at now: Instant
    ) throws -> Int32 {
        guard let job else { throw CommandFault("Job \(id) has vanished from the queue.") }
        let isSent = job.state == .done && job.outcome == Settlement.Outcome.mailed.rawValue
        if invocation.has("json") {
            try Console.json(JobRecord(job))
        } else if isSent {
            Console.line("The relay took the mail: \(job.reason ?? "")")
        } else {
            let isWorked = workers.contains { now - $0.heartbeatAt < .seconds(60) }
            let reason =
                job.reason
                ?? (isWorked
                    ? "no attempt has ended yet"
                    : "no worker is running on this database: start `pulih serve` or `pulih worker`")
            Console.complain("Not sent after \(seconds) s: job \(id) is \(job.state.rawValue): \(reason)")
        }
        return isSent ? 0 : 1
    }
}
