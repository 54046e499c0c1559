import Domain
import Mustache
import Pages

/// Puts one job into the words of its page.
struct JobContext: Sendable {
    let words: Words
    let formatter: PageTimeFormatter

    func values(_ view: JobPageData, csrf: String) -> [String: Value] {
        let job = view.row.job
        let why = OperatorField(
            id: "why", name: "why", label: words["operations.why"], kind: .why(isRequired: false),
            hint: words["operations.why_optional"])
        let values: [String: Value] = [
            "id": "\(job.id)", "kind": .text(Excerpt.of(job.kind, atMost: Excerpt.name)),
            "kind_href": .text(JobQuery(kind: job.kind).address("/jobs")),
            "state": .text(words["operations.states.\(job.state.rawValue)"]), "state_class": .text(job.state.rawValue),
            "fields": .list(fields(view.row)), "attempts": .list(view.attempts.map(attempt)), "csrf": .text(csrf),
            "changes": .list(view.changes.map(change)), "has_attempts": .flag(!view.attempts.isEmpty),
            "has_changes": .flag(!view.changes.isEmpty),
            "offers": .list(Self.offered.filter { $0.isOffered(for: job) }.map { offer($0, job) }),
            "can_discard": .flag(JobChange.discard.isOffered(for: job)), "why": why.context,
        ]
        let row = RowContext(words: words, formatter: formatter)
        return values.merging(row.discard(job, isApart: false)) { $1 }
    }

    /// What there is to tell; a fact that the job does not have is left out.
    private func fields(_ row: JobWithUserID) -> [Value] {
        let job = row.job
        let holder = job.leaseUntil.map { until in
            "\(Excerpt.of(job.worker ?? "", atMost: Excerpt.name)), \(words["operations.until"]) \(formatter.stamp(until))"
        }
        let fields: [(String, String?)] = [
            ("account", row.userID), ("application", job.application.map { Excerpt.of($0, atMost: Excerpt.name) }),
            ("class", words["operations.classes.\(job.jobClass.rawValue)"]),
            ("outcome", job.outcome.map { Excerpt.of($0, atMost: Excerpt.name) }),
            ("reason", job.reason.map { Excerpt.of($0, atMost: Excerpt.reply) }),
            ("meaning", job.refusal.map { words["operations.refusals.\($0.rawValue)"] }),
            ("created", formatter.stamp(job.createdAt)),
            ("due", job.state == .scheduled ? formatter.stamp(job.runAt) : nil),
            ("lease", holder),
            ("finished", job.finishedAt.map(formatter.stamp)),
            ("bounced", job.bouncedAt.map(formatter.stamp)),
            ("request", Excerpt.of(job.requestID, atMost: Excerpt.name)),
            ("attempts", "\(job.attempts)"),
            ("unknowns", job.unknowns > 0 ? "\(job.unknowns)" : nil),
        ]
        return fields.compactMap { key, value in
            value.map { ["label": .text(words["operations.fields.\(key)"]), "value": .text($0)] }
        }
    }

    private func attempt(_ attempt: Attempt) -> Value {
        [
            "number": "\(attempt.number)", "started": .text(formatter.short(attempt.startedAt)),
            "stage": .text(attempt.stage), "code": attempt.code.map { "\($0)" } ?? "",
            "verdict": .text(attempt.outcome.rawValue),
            "reply": .text(Excerpt.of(attempt.reply, atMost: Excerpt.reply)),
            "seconds": .text(formatter.decimal(attempt.seconds, digits: 3)), "reused": .flag(attempt.reusedConnection),
            "relay": .text(attempt.relay ?? ""),
        ]
    }

    /// The changes that need no confirmation; a discard does.
    private static let offered: [JobChange] = [.release, .retry, .hold]

    private func offer(_ change: JobChange, _ job: Job) -> Value {
        [
            "label": .text(words["operations.changes.\(change.rawValue)"]),
            "action": "/jobs/\(job.id)/\(change.rawValue)",
            "is_main": .flag(change == .release || change == .retry && job.state != .held),
        ]
    }

    private func change(_ record: AuditRecord) -> Value {
        [
            "at": .text(formatter.short(record.at)), "name": .text(record.name),
            "actor": .text(Excerpt.of(record.actor, atMost: Excerpt.name)), "address": .text(record.address ?? ""),
            "detail": .text(Excerpt.of(record.detail, atMost: Excerpt.reply)),
        ]
    }
}
