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
            let job = try MailTestPayload(to: to).job(at: database.clock.now())
            let changes = try ChangeWaiter(database)
            defer { changes.close() }
            let id = try database.write { try $0.enqueue(job) }
            var reporter = MailTestReporter(job: id, to: to, time: configuration.stamps, command: invocation.typed)
            let printsText = !invocation.has("json")
            if printsText { Console.line("Job \(id) is queued for \(to).") }
            let conclusion = try changes.poll(for: seconds) {
                let snapshot = try snapshot(of: id, in: database)
                let lines = reporter.newLines(snapshot)
                if printsText { for line in lines { Console.line(wrapped(line)) } }
                return reporter.conclusion(snapshot)
            }
            let last = try snapshot(of: id, in: database)
            if printsText {
                if conclusion?.isSent == true {
                    Console.line(wrapped(conclusion?.words ?? ""))
                } else {
                    let lines = conclusion.map { [$0.words] } ?? reporter.unfinished(last, after: seconds)
                    for line in lines { Console.printError(wrapped(line)) }
                }
            } else {
                try Console.json(JobRecord(last.job, last.attempts))
            }
            return conclusion?.isSent == true ? 0 : 1
        }
    }

    private static func snapshot(of id: Int64, in database: Database) throws -> MailTestReporter.Snapshot {
        let now = database.clock.now()
        let snapshot = try database.read { transaction in
            try transaction.job(id: id).map { job in
                MailTestReporter.Snapshot(
                    job: job, attempts: try transaction.attempts(job: id),
                    report: try QueueReport(of: transaction, at: now),
                    now: now)
            }
        }
        guard let snapshot else { throw CommandError("Job \(id) has vanished from the queue.") }
        return snapshot
    }

    /// For a person's eyes only: a program looks for words in whole lines. A command stays whole, to be copied.
    private static func wrapped(_ line: String) -> String {
        guard Terminal.isShown, !line.hasPrefix("  ") else { return line }
        return TextTable.wrap(line, to: Terminal.width).joined(separator: "\n")
    }
}
