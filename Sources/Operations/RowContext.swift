import Domain
import Mustache
import Pages

/// Puts a job into the words of a row, the same in every table.
struct RowContext: Sendable {
    let words: Words
    let formatter: TimeFormatter

    func values(_ row: JobRow) -> Value { .dictionary(entries(row)) }

    func entries(_ row: JobRow) -> [String: Value] {
        let job = row.job
        return [
            "id": "\(job.id)", "href": "/jobs/\(job.id)", "kind": .text(Excerpt.of(job.kind, atMost: Excerpt.name)),
            "state": .text(name(job.state)), "state_class": .text(job.state.rawValue),
            "account": .text(row.userID ?? ""), "outcome": .text(Excerpt.of(job.outcome ?? "", atMost: Excerpt.name)),
            "reason": .text(Excerpt.of(job.reason ?? "", atMost: Excerpt.reply)), "attempts": "\(job.attempts)",
            "created": .text(formatter.short(job.createdAt)), "age": .text(formatter.age(job.createdAt)),
        ]
    }

    func name(_ state: JobState) -> String { words["operations.states.\(state.rawValue)"] }
}
