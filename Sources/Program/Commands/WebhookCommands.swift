import CommandLine
import Configuration
import Domain
import Operations
import Spelling
import Store

/// `pulih webhook list|retry`: how the telling of applications goes, and a new beginning.
enum WebhookCommands {
    static let list = Command(
        "webhook list", summary: "List the applications that are told what happens, and how that goes",
        options: [Commands.config, Commands.json]
    ) { invocation in
        try invocation.withDatabase { database, configuration in
            let now = database.clock.now()
            let receivers = try database.read { try ReceiverReport.all(of: $0, at: now) }
            if invocation.has("json") {
                try Console.json(receivers)
            } else if receivers.isEmpty {
                Console.line("No application is told anything: the configuration names no webhook.")
            } else {
                Console.line(receivers.map { text($0, at: now, configuration.stamps) }.joined(separator: "\n\n"))
            }
            return 0
        }
    }

    static let retry = Command(
        "webhook retry", operands: "APPLICATION", count: 1...1,
        summary: "Switch an application's webhook on again and send what failed or was given up at once",
        options: [
            Commands.config, .init("newer-than", "SPAN", "only events that happened since then (default \"7 d\")"),
            Commands.why,
        ]
    ) { invocation in
        let span = try invocation.span("newer-than") ?? .days(7)
        return try invocation.withDatabase { database, _ in
            let application = try webhook(invocation, in: database).application
            let (now, why) = (database.clock.now(), invocation["why"] ?? "")
            let wasOff = try database.write { transaction in
                try WebhookAdministration.switchOn(application, in: transaction, at: now, by: .commandLine, why: why)
            }
            var filter = JobFilter(kind: JobKind.webhook.rawValue)
            filter.application = application
            filter.createdAfter = now - span
            var changed = 0
            // What an operator holds back stays so.
            for state in [JobState.dead, .scheduled] {
                filter.state = state
                var bulkChange = BulkJobChange(filter, .retry)
                while !bulkChange.isFinished {
                    let before = bulkChange
                    bulkChange = try database.write { transaction in
                        var bulkChange = before
                        try bulkChange.step(
                            limit: QueueChangeCommands.batch, in: transaction, at: now, by: .commandLine, why: why)
                        return bulkChange
                    }
                }
                changed += bulkChange.changed
            }
            if wasOff { Console.line("The webhook of \(application) is switched on again.") }
            Console.line("\(CountText.of(changed, "event is", "events are")) sent again. Watch them with:")
            Console.line("  \(invocation.typed("webhook list"))")
            return 0
        }
    }

    /// The webhook of the application that the first operand names.
    /// - Throws: `CommandError` when there is none.
    static func webhook(_ invocation: Invocation, in database: Database) throws -> Webhook {
        let name = invocation.operands[0]
        let webhooks = try database.read { try $0.webhooks() }
        if let webhook = webhooks.first(where: { $0.application == name }) { return webhook }
        let near = nearest(to: name, among: Set(webhooks.map(\.application))).map { " Did you mean \($0)?" } ?? ""
        throw CommandError(
            "\(name) is no application with a webhook.\(near) Webhooks count once the service was started or reloaded with "
                + "them; these do: \(webhooks.isEmpty ? "none" : webhooks.map(\.application).joined(separator: ", ")).")
    }

    /// One application, a fact a line.
    private static func text(_ receiver: ReceiverReport, at now: Instant, _ time: LocalTimeFormatter) -> String {
        func moment(_ milliseconds: Int64) -> String {
            let instant = Instant(milliseconds: milliseconds)
            return "\(time.timestamp(instant)) (\(DurationText.age(since: instant, at: now)) ago)"
        }
        let state =
            receiver.offSince.map { "off since \(moment($0)): \(receiver.offReason ?? "")" }
            ?? receiver.failingSeconds.map { "on; every attempt has failed for \(DurationText.age($0))" } ?? "on"
        let oldest = receiver.oldestWaitingAgeSeconds.map { ", the oldest for \(DurationText.age($0))" } ?? ""
        let facts: [(String, String?)] = [
            ("url", receiver.url), ("state", state), ("waiting", CountText.grouped(receiver.waiting) + oldest),
            ("given up", receiver.dead > 0 ? CountText.grouped(receiver.dead) : nil),
            ("last", receiver.lastAt.map { "\(moment($0)): \(receiver.lastWords ?? "")" }),
        ]
        return "\(receiver.application)\n"
            + TextTable.definitions(
                facts.compactMap { term, fact in fact.map { (term, $0) } }, width: Terminal.width)
    }
}
