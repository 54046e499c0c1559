import Cryptography
import Domain
import FoundationEssentials
import Operations
import Store

/// `pulih queue …`: what waits, what went wrong, and what to do about it.
enum QueueCommands {
    private static let state = Command.Option(
        "state", "STATE", JobState.allCases.map(\.rawValue).joined(separator: ", "))

    static let status = Command(
        "queue status", summary: "Count jobs by kind and state; tell how the workers and the relay are",
        options: [Commands.config, Commands.json]
    ) { invocation in
        try invocation.withDatabase { database, _ in
            let now = SystemClock().now()
            let status = try database.read { QueueStatus(try QueueStatus.Facts(of: $0), at: now) }
            if invocation.has("json") { try Console.json(status) } else { Console.line(status.text) }
            return 0
        }
    }

    static let list = Command(
        "queue list", summary: "List jobs, newest first",
        options: [
            Commands.config, state, .init("kind", "KIND", "only this kind"),
            .init("before", "ID", "only jobs with a smaller id: the next page"),
            .init("limit", "COUNT", "at most this many (default 50)"), Commands.json,
        ]
    ) { invocation in
        var filter = JobFilter(kind: invocation["kind"])
        if let text = invocation["state"] {
            guard let state = JobState(rawValue: text) else {
                throw UsageFault("--state takes one of \(state.help)")
            }
            filter.state = state
        }
        if invocation["before"] != nil {
            filter.before = Int64(try invocation.integer("before", in: 1...Int.max, default: 1))
        }
        let limit = try invocation.integer("limit", in: 1...10_000, default: 50)
        return try invocation.withDatabase { database, configuration in
            let jobs = try database.read { try $0.jobs(filter, limit: limit) }
            let time = LocalTime(language: configuration.language, zone: configuration.timeZone)
            if invocation.has("json") {
                try Console.json(jobs.map { JobRecord($0) })
            } else if jobs.isEmpty {
                Console.line("No jobs.")
            } else {
                Console.line(JobText.table(jobs, time))
            }
            return 0
        }
    }

    static let show = Command(
        "queue show", operands: "ID", count: 1...1, summary: "Show one job and every attempt to deliver it",
        options: [Commands.config, Commands.json]
    ) { invocation in
        let id = try jobID(invocation)
        return try invocation.withDatabase { database, configuration in
            let (job, attempts) = try database.read { (try $0.job(id: id), try $0.attempts(job: id)) }
            guard let job else { throw CommandFault("There is no job \(id).") }
            if invocation.has("json") {
                try Console.json(JobRecord(job, attempts))
            } else {
                let time = LocalTime(language: configuration.language, zone: configuration.timeZone)
                Console.line(JobText.page(job, attempts, time))
            }
            return 0
        }
    }

    static let add = Command(
        "queue add", summary: "Queue a reset request, as an application that asked the person itself would",
        options: [
            Commands.config, .init("user-id", "ID", "the account"), .init("email", "ADDRESS", "as the person gave it"),
            .init("user-type", "TYPE", "as the person gave it"),
            .init("captcha", "ID", "of a captcha of the portal, with --security-code"),
            .init("security-code", "CODE", "the answer to the captcha"),
            .init("address", "IP", "where the request came from, told to the owner"), Commands.json,
        ]
    ) { invocation in
        let payload = ResetPayload(
            userID: try invocation.required("user-id"), email: try invocation.required("email"),
            userType: try invocation.required("user-type"), captcha: invocation["captcha"],
            securityCode: invocation["security-code"], address: invocation["address"],
            requestID: SystemRandom().requestID())
        return try invocation.withDatabase { database, _ in
            let job = try NewJob(
                .resetRequest, payload: payload, at: SystemClock().now(), requestID: payload.requestID)
            let id = try database.write { try $0.enqueue(job) }
            if invocation.has("json") { try Console.json(["id": id]) } else { Console.line("Job \(id) is queued.") }
            return 0
        }
    }

    static let retry = change(
        .retry, "Try a dead, held or scheduled job again now", done: "is ready", event: .jobRetried,
        refusal: "only dead, held and scheduled jobs can be retried")
    static let discard = change(
        .discard, "Throw a job away that is not running or done", done: "is discarded", event: .jobDiscarded,
        refusal: "running, done and discarded jobs cannot be discarded")

    private static func change(
        _ change: JobChange, _ summary: String, done: String, event: AuditEvent.Name, refusal: String
    ) -> Command {
        Command(
            "queue \(change.rawValue)", operands: "ID", count: 1...1, summary: summary,
            options: [Commands.config, .init("why", "TEXT", "the reason, for the audit log")]
        ) { invocation in
            let id = try jobID(invocation)
            let audit = AuditEvent(
                name: event, at: SystemClock().now(), actor: "operator:\(ProcessName.user)", subject: "job:\(id)",
                address: nil, detail: invocation["why"] ?? "")
            return try invocation.withDatabase { database, _ in
                let (before, changed) = try database.write { store in
                    let before = try store.job(id: id)
                    let changed = try store.change(job: id, change, at: audit.at)
                    if changed { try store.append(audit) }
                    return (before, changed)
                }
                guard let before else { throw CommandFault("There is no job \(id).") }
                guard changed else { throw CommandFault("Job \(id) is \(before.state.rawValue): \(refusal).") }
                Console.line("Job \(id) \(done).")
                return 0
            }
        }
    }

    private static func jobID(_ invocation: Invocation) throws -> Int64 {
        guard let id = Int64(invocation.operands[0]), id > 0 else {
            throw UsageFault("\(invocation.operands[0]) is not the id of a job: a whole number")
        }
        return id
    }
}
