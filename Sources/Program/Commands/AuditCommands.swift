import Configuration
import CommandLine
import Domain
import Spelling
import Operations
import Store

/// `pulih audit list|verify|export`: what was done, by whom, and that nobody has changed the record of it.
enum AuditCommands {
    /// Events that one look at the database reads.
    private static let page = 1000

    static let list = Command(
        "audit list", summary: "List audit events, newest first",
        options: [
            Commands.config, .init("subject", "SUBJECT", "to whom or what it was done: a User ID, job:ID, lane:KIND"),
            .init("actor", "ACTOR", "who did it: a User ID, or operator:NAME"),
            .init("event", "EVENT", "only these events, such as authn_totp_reset"),
            .init("since", "TIME", "a span such as \"2 h\", a day 2026-12-01, or a minute 2026-12-01T08:00"),
            .init("before", "NUMBER", "only events with a smaller number: the next page"),
            .init("limit", "COUNT", "at most this many (default 50)"), Commands.json,
        ]
    ) { invocation in
        let limit = try invocation.integer("limit", in: 1...10_000, default: 50)
        return try invocation.withDatabase { database, configuration in
            let typed = try filter(invocation, configuration.stamps, at: database.clock.now())
            let events = try database.read { try $0.auditEvents(typed.resolved(in: $0), limit: limit) }
            if invocation.has("json") {
                try Console.json(events.map(AuditLine.init))
            } else if events.isEmpty {
                Console.line("No events.")
            } else {
                Console.line(AuditText.table(events, configuration.stamps))
                if events.count == limit, let last = events.last {
                    Console.line("There may be more: --before \(last.number)")
                }
            }
            return 0
        }
    }

    static let verify = Command(
        "audit verify", summary: "Walk the audit log's hash chain and tell where it is broken, if it is",
        options: [
            Commands.config,
            .init("head", "NUMBER:HASH", "a head from the log (event=audit.head) that the chain must run through"),
            Commands.json,
        ]
    ) { invocation in
        let expectedHead = try invocation["head"].map(AuditHead.init(reading:))
        return try invocation.withDatabase { database, configuration in
            var verification = AuditVerification(expectedHead: expectedHead)
            let total = try database.read { try $0.auditEvents(AuditFilter(), limit: 1) }.first?.number ?? 0
            let progress = Progress("Events", of: Int(total))
            try forEachRecord(in: database) { event in
                progress.report(verification.count)
                return verification.verify(event)
            }
            progress.finish()
            let finding = verification.finding
            if invocation.has("json") {
                try Console.json(finding)
            } else if finding.ok {
                Console.line(AuditText.whole(finding, isCompared: expectedHead != nil))
            } else {
                Console.printError("pulih: \(finding.problem ?? "")")
            }
            return finding.ok ? 0 : 1
        }
    }

    static let export = Command(
        "audit export", summary: "Write all audit events with their hashes as JSON lines, oldest first",
        options: [Commands.config, .init("to", "FILE", "a new file of mode 0600 (default: standard output)")]
    ) { invocation in
        try invocation.withDatabase { database, _ in
            let output = try invocation["to"].map(OutputFile.init(new:)) ?? OutputFile.standard
            var count = 0
            try forEachRecord(in: database) { event in
                try output.line(try JSONText.line(AuditLine(event)))
                count += 1
                return true
            }
            try output.finish()
            if let file = invocation["to"] {
                Console.line("\(CountText.of(count, "event is", "events are")) written to \(file).")
            }
            return 0
        }
    }

    /// Hands over all events, oldest first, until `body` has enough.
    private static func forEachRecord(in database: Database, _ body: (AuditRecord) throws -> Bool) throws {
        var last: Int64 = 0
        while true {
            let after = last
            let events = try database.read { try $0.auditEvents(after: after, limit: page) }
            for event in events { guard try body(event) else { return } }
            guard events.count == page, let end = events.last else { return }
            last = end.number
        }
    }

    private static func filter(_ invocation: Invocation, _ time: LocalTimeFormatter, at now: Instant) throws
        -> AuditFilter
    {
        var filter = AuditFilter()
        filter.subject = invocation["subject"]
        filter.actor = invocation["actor"]
        if let name = invocation["event"] {
            let known = Set(AuditEvent.Name.allCases.map(\.rawValue))
            guard known.contains(name) else {
                let near = nearest(to: name, among: known).map { "did you mean \($0)?" }
                let all = known.sorted().joined(separator: ", ")
                throw UsageError("there is no event \(name); \(near ?? "known are \(all)")")
            }
            filter.name = name
        }
        if let text = invocation["since"] {
            guard let since = TimeSpanText.parse(text).map({ now - $0 }) ?? time.instant(text) else {
                throw UsageError(
                    "--since takes a span such as \"2 h\", or a time such as 2026-12-01T08:00, not \(text)")
            }
            filter.since = since
        }
        filter.before = try invocation["before"].map { text in
            guard let number = Int64(text), number > 0 else {
                throw UsageError("--before takes the number of an event, not \(text)")
            }
            return number
        }
        return filter
    }
}
