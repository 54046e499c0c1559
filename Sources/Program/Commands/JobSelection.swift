import Configuration
import CommandLine
import Domain
import Spelling
import Store

/// Which jobs a command is about, as its options say.
enum JobSelection {
    static let options: [Command.Option] = [
        .init("state", "STATE", JobState.allCases.map(\.rawValue).joined(separator: ", ")),
        .init("kind", "KIND", JobKind.allCases.map(\.rawValue).joined(separator: ", ")),
        .init("outcome", "OUTCOME", Job.outcomes.joined(separator: ", ")),
        .init("application", "ID", "only jobs from or, with webhooks, for this application"),
        .init("account", "USER_ID", "only jobs of this account"),
        .init("request", "NUMBER", "only jobs of this request: the number on the page after it and in its mail"),
        .init("older-than", "SPAN", "only jobs made longer ago, such as \"30 min\", \"2 h\" or \"3 d\""),
        .init("newer-than", "SPAN", "only jobs made since then"),
        .init("reason", "TEXT", "only jobs whose reason holds this text, in whatever case"),
    ]

    static func isEmpty(_ invocation: Invocation) -> Bool { options.allSatisfy { invocation[$0.name] == nil } }

    /// - Throws: `UsageError`; `CommandError` for an account that is not there.
    static func filter(_ invocation: Invocation, in database: Database, at now: Instant) throws -> JobFilter {
        var filter = JobFilter(kind: invocation["kind"])
        if let text = invocation["state"] {
            guard let state = JobState(rawValue: text) else {
                throw unknown(text, "state", among: JobState.allCases.map(\.rawValue))
            }
            filter.state = state
        }
        if let outcome = invocation["outcome"] {
            guard Job.outcomes.contains(outcome) else { throw unknown(outcome, "outcome", among: Job.outcomes) }
            filter.outcome = outcome
        }
        filter.createdBefore = try invocation.span("older-than").map { now - $0 }
        filter.createdAfter = try invocation.span("newer-than").map { now - $0 }
        filter.reason = invocation["reason"]
        filter.application = invocation["application"]
        filter.requestID = invocation["request"].map(RequestNumber.requestID)
        filter.account = try invocation["account"].map { try AccountFinder.find($0, in: database) }
        return filter
    }

    private static func unknown(_ text: String, _ option: String, among known: [String]) -> UsageError {
        let near = nearest(to: text, among: known).map { "; did you mean \($0)?" } ?? ""
        return UsageError("--\(option) takes one of \(known.joined(separator: ", ")), not \(text)\(near)")
    }
}

/// Ids of jobs, as operands.
enum JobNumber {
    static func read(_ text: String) throws -> Int64 {
        guard let id = Int64(text), id > 0 else {
            throw UsageError("\(text) is not the id of a job: a whole number")
        }
        return id
    }
}

extension Invocation {
    /// A length of time as people write it: `30 min`.
    func span(_ option: String) throws -> TimeSpan? {
        guard let text = self[option] else { return nil }
        guard let span = TimeSpanText.parse(text) else {
            throw UsageError("--\(option) takes a time such as \"30 min\", \"45 s\", \"2 h\" or \"3 d\", not \(text)")
        }
        return span
    }
}
