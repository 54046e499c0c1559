import CommandLine
import Domain
import Operations
import Store

/// `pulih webhook test`: an event through the same queue and worker as every other.
enum WebhookTestCommand {
    static let command = Command(
        "webhook test", operands: "APPLICATION", count: 1...1,
        summary: "Send a test event to an application through queue and worker, and tell what becomes of it",
        options: [Commands.config, .init("wait", "SECONDS", "how long to wait (default 60)"), Commands.json]
    ) { invocation in
        let seconds = try invocation.integer("wait", in: 1...600, default: 60)
        return try invocation.withDatabase { database, configuration in
            let webhook = try WebhookCommands.webhook(invocation, in: database)
            let application = webhook.application
            if let since = webhook.offSince {
                throw CommandError(
                    "The webhook of \(application) is switched off since \(configuration.stamps.timestamp(since)): "
                        + "\(JobText.plain(webhook.offReason ?? "")) Switch it on with: "
                        + invocation.typed("webhook retry \(application)"))
            }
            let event = WebhookEvent(
                .test, at: database.clock.now(), userID: "test", userType: webhook.userTypes?.sorted().first ?? "test")
            let changes = try ChangeWaiter(database)
            defer { changes.close() }
            let id = try database.write { try $0.publish(event, to: application) }
            let printsText = !invocation.has("json")
            if printsText { Console.line("Job \(id) is queued for \(application) (\(JobText.plain(webhook.url))).") }
            var reporter = WebhookTestReporter(job: id, command: invocation.typed)
            let isDelivered = try changes.poll(for: seconds) {
                let (lines, conclusion) = reporter.look(try Snapshot(of: id, in: database))
                if printsText { for line in lines { Console.line(line) } }
                return conclusion
            }
            let last = try Snapshot(of: id, in: database)
            if !printsText {
                try Console.json(JobRecord(last.job, last.attempts))
            } else if isDelivered == nil {
                for line in reporter.unfinished(last, after: seconds) { Console.printError(line) }
            }
            return isDelivered == true ? 0 : 1
        }
    }

    /// All that is known at one moment.
    struct Snapshot: Sendable {
        let job: Job
        let attempts: [Attempt]
        let pauses: [String]
        let hasWorker: Bool
        let now: Instant

        init(of id: Int64, in database: Database) throws {
            let now = database.clock.now()
            let found = try database.read { transaction in
                let report = try QueueReport(of: transaction, at: now)
                return (
                    try transaction.job(id: id), try transaction.attempts(job: id), report.pauses.map(\.kind),
                    report.workers.contains(where: \.isAlive)
                )
            }
            guard let job = found.0 else { throw CommandError("Job \(id) has vanished from the queue.") }
            (self.job, attempts, pauses, hasWorker, self.now) = (job, found.1, found.2, found.3, now)
        }
    }
}

/// Reports the progress of a test event: each fact once, as soon as it is known.
struct WebhookTestReporter {
    private let job: Int64
    private let command: (String) -> String
    private var reportedAttempts = 0
    private var reportedBlocker: String?

    /// - Parameter command: how a command is typed here, such as `pulih queue resume all`.
    init(job: Int64, command: @escaping (String) -> String) {
        self.job = job
        self.command = command
    }

    /// What was not reported before, and whether the event was delivered; nil while that is open.
    mutating func look(_ snapshot: WebhookTestCommand.Snapshot) -> (lines: [String], isDelivered: Bool?) {
        let reason = JobText.plain(snapshot.job.reason ?? "no reason was written down")
        switch snapshot.job.state {
        case .done:
            let facts = snapshot.attempts.last.map { " (\(DurationText.duration($0.seconds)))" } ?? ""
            return (["The application took the event: \(reason)\(facts)"], true)
        case .dead, .discarded:
            return (["Not delivered. Job \(job) is \(snapshot.job.state.rawValue): \(reason)"], false)
        case .scheduled, .ready, .running, .held: break
        }
        var lines: [String] = []
        if snapshot.attempts.count > reportedAttempts, snapshot.job.state == .scheduled {
            reportedAttempts = snapshot.attempts.count
            let wait = DurationText.age(max(0, (snapshot.job.runAt - snapshot.now).seconds))
            lines.append("Attempt \(reportedAttempts): \(reason) The next attempt is due in \(wait).")
        }
        let blocker = blocker(snapshot)
        if blocker != reportedBlocker, let blocker { lines.append(blocker) }
        reportedBlocker = blocker
        return (lines, nil)
    }

    /// What to say when the time is over and the event is not delivered.
    func unfinished(_ snapshot: WebhookTestCommand.Snapshot, after seconds: Int) -> [String] {
        [
            "Not delivered after \(seconds) s: job \(job) is \(snapshot.job.state.rawValue).",
            "It stays in the queue. Watch it, or drop it, with:", "  \(command("queue show \(job)"))",
            "  \(command("queue discard \(job)"))",
        ]
    }

    /// Why nothing happens, where that is not the last attempt's fault.
    private func blocker(_ snapshot: WebhookTestCommand.Snapshot) -> String? {
        guard snapshot.job.state != .running else { return nil }
        if snapshot.job.state == .held { return "The job is held. Release it with: \(command("queue release \(job)"))" }
        if let lane = snapshot.pauses.first(where: { [PausedKind.everything, snapshot.job.kind].contains($0) }) {
            return
                "Webhooks are paused. Resume with: \(command("queue resume \(lane == PausedKind.everything ? "all" : lane)"))"
        }
        return snapshot.hasWorker
            ? nil : "No worker is running on this database. Start one with: \(command("worker"))"
    }
}
