import Configuration
import CommandLine
import Cryptography
import Domain
import FoundationEssentials
import Operations
import Store

/// `pulih queue list|show|add`: what is in the queue.
enum QueueCommands {
    static let list = Command(
        "queue list", summary: "List jobs, newest first",
        options: [Commands.config] + JobSelection.options + [
            .init("before", "ID", "only jobs with a smaller id: the next page"),
            .init("limit", "COUNT", "at most this many (default 50)"), Commands.json,
        ]
    ) { invocation in
        let limit = try invocation.integer("limit", in: 1...10_000, default: 50)
        let before = try invocation["before"].map(JobNumber.read)
        return try invocation.withDatabase { database, _ in
            let now = database.clock.now()
            var filter = try JobSelection.filter(invocation, in: database, at: now)
            filter.before = before
            let chosen = filter
            let jobs = try database.read { try $0.jobs(chosen, limit: limit) }
            if invocation.has("json") {
                try Console.json(jobs.map { JobRecord($0) })
            } else if jobs.isEmpty {
                Console.line("No jobs.")
            } else {
                Console.line(JobText.table(jobs, at: now, width: Terminal.width))
                if chosen.requestID != nil {
                    for explanation in jobs.compactMap(\.refusal?.explanation) { Console.line("\n\(explanation)") }
                }
                if jobs.count == limit, let last = jobs.last {
                    Console.line("There may be more: --before \(last.id)")
                }
            }
            return 0
        }
    }

    static let show = Command(
        "queue show", operands: "ID", count: 1...1, summary: "Show one job and every attempt to deliver it",
        options: [Commands.config, Commands.json]
    ) { invocation in
        let id = try JobNumber.read(invocation.operands[0])
        return try invocation.withDatabase { database, configuration in
            let found = try database.read { transaction in
                try transaction.job(id: id).map {
                    (row: try JobWithUserID($0, in: transaction), attempts: try transaction.attempts(job: id))
                }
            }
            guard let found else { throw CommandError("There is no job \(id).") }
            if invocation.has("json") {
                try Console.json(JobRecord(found.row.job, found.attempts, account: found.row.userID))
            } else {
                let now = database.clock.now()
                Console.line(
                    JobText.page(found.row, found.attempts, at: now, configuration.stamps, width: Terminal.width))
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
            .init("address", "IP", "where the request came from, told to the owner"),
            .init(
                "class", JobClass.allCases.map(\.rawValue).joined(separator: "|"), "how urgent it is (default: urgent)"),
            Commands.json,
        ]
    ) { invocation in
        let payload = ResetPayload(
            userID: try invocation.required("user-id"), email: try invocation.required("email"),
            userType: try invocation.required("user-type"), captcha: invocation["captcha"],
            securityCode: invocation["security-code"], address: invocation["address"],
            requestID: SystemRandom().requestID())
        let jobClass = try invocation["class"].map { text in
            guard let jobClass = JobClass(rawValue: text) else {
                throw UsageError(
                    "--class takes one of \(JobClass.allCases.map(\.rawValue).joined(separator: ", ")), not \(text)")
            }
            return jobClass
        }
        return try invocation.withDatabase { database, _ in
            let job = try NewJob(
                .resetRequest, payload: payload, at: database.clock.now(), requestID: payload.requestID,
                jobClass: jobClass)
            let id = try database.write { try $0.enqueue(job) }
            if invocation.has("json") { try Console.json(["id": id]) } else { Console.line("Job \(id) is queued.") }
            return 0
        }
    }
}

extension Configuration {
    /// Times as operators read them.
    var stamps: LocalTimeFormatter { LocalTimeFormatter(language: .english, zone: timeZone) }
}
