import Domain
import Mustache
import Pages

/// Puts the queue into the words of its page.
struct QueueContext: Sendable {
    let words: Words
    let moments: Moments
    let version: String

    func values(_ view: QueueView, refresh: Int?) -> [String: Value] {
        let filter = view.query.filter
        let states: [JobState?] = [nil] + JobState.allCases
        return [
            "tiles": .list(states.map { tile($0, view) }), "facts": .list(facts(view.pulse)),
            "relay_paused": pause(view.pulse.relay), "filter_label": .text(label(filter)),
            "jobs": .list(view.rows.map(row)),
            "next_href": view.next.map { .text(JobQuery.address("/jobs", $0)) } ?? .absent,
            "refresh_seconds": refresh.map { "\($0)" } ?? .absent,
        ]
    }

    private func tile(_ state: JobState?, _ view: QueueView) -> Value {
        let filter = JobFilter(state: state, kind: view.query.filter.kind)
        return [
            "state": .text(state?.rawValue ?? "all"), "label": .text(state.map(name) ?? words["operations.all"]),
            "count": .text(view.count(state)), "href": .text(JobQuery.address("/jobs", filter)),
            "current": .flag(view.query.filter.state == state),
        ]
    }

    private func facts(_ pulse: Pulse) -> [Value] {
        let none = words["operations.none"]
        return [
            ("oldest_ready", pulse.oldestReadyAge.map(moments.span) ?? none),
            ("workers", pulse.alive.isEmpty ? none : "\(pulse.alive.count)"),
            ("relay", words["operations.relay.\(Self.key(pulse.relay))"]), ("version", version),
        ].map { ["label": .text(words["operations.facts.\($0)"]), "value": .text($1)] }
    }

    private func pause(_ relay: Pulse.Relay) -> Value {
        switch relay {
        case .paused(let reason): .text(words.sentence("relay_paused", ["reason": reason]))
        case .probing(let reason): .text(words.sentence("relay_probing", ["reason": reason]))
        case .flowing, .unknown: .absent
        }
    }

    private static func key(_ relay: Pulse.Relay) -> String {
        switch relay {
        case .flowing: "flowing"
        case .paused: "paused"
        case .probing: "probing"
        case .unknown: "unknown"
        }
    }

    private func label(_ filter: JobFilter) -> String {
        let parts = [filter.state.map(name), filter.kind.map { Excerpt.of($0, atMost: Excerpt.name) }]
            .compactMap { $0 }
        guard !parts.isEmpty else { return words["operations.all_jobs"] }
        return words.sentence("jobs_in_state", ["state": parts.joined(separator: " · ")])
    }

    private func row(_ row: JobRow) -> Value {
        let job = row.job
        return [
            "id": "\(job.id)", "href": "/jobs/\(job.id)", "kind": .text(Excerpt.of(job.kind, atMost: Excerpt.name)),
            "state": .text(name(job.state)), "state_class": .text(job.state.rawValue),
            "account": .text(row.userID ?? ""), "outcome": .text(Excerpt.of(job.outcome ?? "", atMost: Excerpt.name)),
            "reason": .text(Excerpt.of(job.reason ?? "", atMost: Excerpt.reply)), "attempts": "\(job.attempts)",
            "created": .text(moments.short(job.createdAt)), "age": .text(moments.age(job.createdAt)),
        ]
    }

    func name(_ state: JobState) -> String { words["operations.states.\(state.rawValue)"] }
}
