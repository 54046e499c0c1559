import CommandLine
import Domain
import FoundationEssentials
import Operations
import Store

/// `pulih mail test`: a mail through the same queue, worker and relay as every other.
enum MailTestCommand {
    static let command = Command(
        "mail test", summary: "Send a test mail through queue, worker and relay, and tell what becomes of it",
        options: [
            Commands.config, .init("to", "ADDRESS", "where to send it"),
            .init("wait", "SECONDS", "how long to wait (default 60)"), Commands.json,
        ]
    ) { invocation in
        let to = try invocation.required("to")
        guard EmailAddress(to) != nil else { throw UsageError("\(to) is not an e-mail address") }
        let seconds = try invocation.integer("wait", in: 1...600, default: 60)
        return try invocation.withDatabase { database, configuration in
            let job = try MailTestPayload(to: to).job(at: SystemClock().now())
            let changes = try ChangePoller(database)
            defer { changes.close() }
            let id = try database.write { try $0.enqueue(job) }
            var story = MailTestReporter(job: id, to: to, time: configuration.stamps, command: invocation.typed)
            let isTold = !invocation.has("json")
            if isTold { Console.line("Job \(id) is queued for \(to).") }
            let ending = try changes.poll(for: seconds) {
                let sight = try sight(of: id, in: database)
                let news = story.newLines(sight)
                if isTold { for line in news { Console.line(wrapped(line)) } }
                return story.conclusion(sight)
            }
            let last = try sight(of: id, in: database)
            if isTold {
                if ending?.isSent == true {
                    Console.line(wrapped(ending?.words ?? ""))
                } else {
                    let lines = ending.map { [$0.words] } ?? story.unfinished(last, after: seconds)
                    for line in lines { Console.printError(wrapped(line)) }
                }
            } else {
                try Console.json(JobRecord(last.job, last.attempts))
            }
            return ending?.isSent == true ? 0 : 1
        }
    }

    private static func sight(of id: Int64, in database: Database) throws -> MailTestReporter.Snapshot {
        let now = SystemClock().now()
        let sight = try database.read { transaction in
            try transaction.job(id: id).map { job in
                MailTestReporter.Snapshot(
                    job: job, attempts: try transaction.attempts(job: id),
                    report: try QueueReport(of: transaction, at: now),
                    now: now)
            }
        }
        guard let sight else { throw CommandError("Job \(id) has vanished from the queue.") }
        return sight
    }

    /// For a person's eyes only: a program looks for words in whole lines. A command stays whole, to be copied.
    private static func wrapped(_ line: String) -> String {
        guard Terminal.isShown, !line.hasPrefix("  ") else { return line }
        return TextTable.wrap(line, to: Terminal.width).joined(separator: "\n")
    }
}
