import Domain
import Mustache
import Pages

/// A table of jobs, as `parts/job-table.html` draws it.
struct JobTable: Sendable {
    /// The columns that not every table has.
    enum Column: String, CaseIterable {
        case state, outcome, reason, attempts, created, action
    }

    let columns: Set<Column>
    let rows: [Value]
    /// The rows were asked for by an account that is not known.
    var hasUnknownAccount = false

    var context: Value {
        let flags = Column.allCases.map { ("has_\($0.rawValue)", Value.flag(columns.contains($0))) }
        let own: [String: Value] = ["rows": .list(rows), "no_account": .flag(hasUnknownAccount)]
        return .dictionary(own.merging(flags) { $1 })
    }
}

/// Puts a job into the words of a row, the same in every table.
struct RowContext: Sendable {
    let words: Words
    let formatter: PageTimeFormatter

    /// - Parameters:
    ///   - prefix: of the row's id in the page; nil for a row without one.
    ///   - csrf: the token for changing the job, where the row has buttons for that.
    func values(_ row: JobWithUserID, prefix: String? = nil, csrf: String? = nil) -> Value {
        let job = row.job
        let values: [String: Value] = [
            "id": "\(job.id)", "href": "/jobs/\(job.id)", "kind": .text(Excerpt.of(job.kind, atMost: Excerpt.name)),
            "row_id": .optional(prefix.map { "\($0)-\(job.id)" }),
            "state": .text(name(job.state)), "state_class": .text(job.state.rawValue),
            "account": .text(row.userID ?? job.application.map { Excerpt.of($0, atMost: Excerpt.name) } ?? ""),
            "outcome": .text(Excerpt.of(job.outcome ?? "", atMost: Excerpt.name)),
            "reason": .text(reason(job)), "attempts": "\(job.attempts)",
            "created": .text(formatter.short(job.createdAt)), "age": .text(formatter.age(job.createdAt)),
            "csrf": .optional(csrf), "can_retry": .flag(csrf != nil && JobChange.retry.isOffered(for: job)),
        ]
        return .dictionary(values.merging(discard(job, isApart: true)) { $1 })
    }

    /// What the job's reason is, for a refusal in words.
    private func reason(_ job: Job) -> String {
        job.refusal.map { words["operations.refusals.\($0.rawValue)"] }
            ?? Excerpt.of(job.reason ?? "", atMost: Excerpt.reply)
    }

    func name(_ state: JobState) -> String { words["operations.states.\(state.rawValue)"] }

    /// The pop-up that asks before a job is discarded, as `parts/discard.html` draws it.
    /// - Parameter isApart: whether it has a form of its own, one of several on its page.
    func discard(_ job: Job, isApart: Bool) -> [String: Value] {
        [
            "discard_title": .text(words.sentence("discard", ["id": "\(job.id)"])),
            "discard_action": "/jobs/\(job.id)/discard", "discard_suffix": isApart ? "-\(job.id)" : .absent,
            "is_discard_apart": .flag(isApart),
        ]
    }
}
