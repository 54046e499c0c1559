import Domain
import Mustache
import Pages

/// Puts the queue into the words of its page.
struct QueueContext: Sendable {
    /// What the token of a form that pauses or resumes a lane is for.
    static let lanePurpose = "lane"

    let words: Words
    let formatter: PageTimeFormatter
    let version: String
    /// Makes the token of a form, for a purpose and a subject.
    let token: @Sendable (_ purpose: String, _ subject: String) -> String

    func values(_ view: QueuePageData, isLive: Bool) -> [String: Value] {
        let row = RowContext(words: words, formatter: formatter)
        let report = view.report
        let oldest = JobTable(
            columns: [.state, .reason, .attempts], rows: view.oldest.map { row.values($0, prefix: "job") })
        let dead = JobTable(
            columns: [.outcome, .action],
            rows: view.dead.map { row.values($0, prefix: "dead", csrf: token(Operations.jobPurpose, "\($0.job.id)")) })
        let lanes = lanes(report)
        return [
            "tone": .text(report.situation.severity.rawValue), "told": .text(explanation(report)),
            "cure": .text(words["operations.answers.\(report.situation.rawValue).cure"]),
            "changed": .optional(view.changed.map { changed($0.job, $0.event, row) }),
            "as_of": .text(formatter.stamp(Instant(milliseconds: report.at))), "is_live": .flag(isLive),
            "tiles": .list(JobState.allCases.map { tile($0, view.count($0), row) }), "facts": .list(facts(report)),
            "day": .dictionary(DailyStatisticsChart(words: words, formatter: formatter).values(view.day)),
            "pauses": .list(report.pauses.map(pause)), "lane_csrf": .text(token(Self.lanePurpose, "")),
            "fields": ["pause_kind": pauseKind(lanes), "pause_why": pauseReason],
            "relays": .list(report.relays.map(relay)),
            // One that takes mail says so among the facts.
            "has_relays": .flag(report.relays.count > 1 || report.relays.contains { $0.hasToken }),
            "webhooks": .list(report.webhooks.map(webhook)), "has_webhooks": .flag(!report.webhooks.isEmpty),
            "workers": .list(report.workers.map(worker)),
            "oldest_table": oldest.context, "dead_table": dead.context,
            "dead_href": .text(JobQuery(state: .dead).address("/jobs")),
            "has_workers": .flag(!report.workers.isEmpty), "has_oldest": .flag(!view.oldest.isEmpty),
            "has_dead": .flag(!view.dead.isEmpty), "has_more_dead": .flag(report.count(.dead) > view.dead.count),
            // For pages that draw form and tables themselves.
            "lanes": .list(lanes), "oldest": .list(oldest.rows), "dead": .list(dead.rows),
        ]
    }

    /// The facts behind the answer, in a sentence.
    private func explanation(_ report: QueueReport) -> String {
        switch report.situation {
        case .databaseUnwritable: return report.databaseProblem ?? ""
        case .noWorker:
            guard let last = report.workers.map(\.heartbeatAgeSeconds).min() else {
                return words["operations.never_a_worker"]
            }
            return words.sentence("last_worker", ["age": age(last)])
        case .relayPaused, .relayProbing: return report.relay.reason ?? ""
        case .relayFallback:
            let used = report.relays.first(where: \.takesMail)?.name ?? ""
            let preferred = report.relays.first
            return words.sentence(
                "relay_fallback",
                ["used": used, "preferred": preferred?.name ?? "", "reason": preferred?.reason ?? ""])
        case .tokenFailing: return report.relays.compactMap(\.tokenFailure).first ?? ""
        case .webhooksFailing:
            return report.webhooks.first(where: \.needsCare).map {
                "\($0.application): \($0.offReason ?? $0.lastWords ?? "")"
            } ?? ""
        case .paused, .partlyPaused: return ""
        case .late:
            return words.sentence("oldest_waits", ["age": age(report.oldestReadyAgeSeconds ?? 0)])
        case .deadJobs: return words.sentence("given_up", ["count": "\(report.count(.dead))"])
        case .calm:
            let mailed = report.recent.finished[Settlement.Outcome.mailed.rawValue] ?? 0
            guard mailed > 0, let half = report.recent.wait.p50 else { return words["operations.quiet_hour"] }
            return words.sentence("last_hour", ["count": "\(mailed)", "wait": formatter.duration(half)])
        }
    }

    /// What the audit log says of the change, and the state of the job now.
    private func changed(_ job: Job, _ event: AuditRecord, _ row: RowContext) -> Value {
        .text(
            words.sentence(
                "changed",
                [
                    "id": "\(job.id)", "event": event.name, "by": event.actor, "time": formatter.short(event.at),
                    "state": row.name(job.state),
                ]))
    }

    private func tile(_ state: JobState, _ count: String, _ row: RowContext) -> Value {
        [
            "state": .text(state.rawValue), "label": .text(row.name(state)), "count": .text(count),
            "is_zero": .flag(count == "0"), "href": .text(JobQuery(state: state).address("/jobs")),
        ]
    }

    private func facts(_ report: QueueReport) -> [Value] {
        let none = words["operations.none"]
        func time(_ seconds: Double?) -> String { seconds.map(formatter.duration) ?? none }
        let aliveWorkers = report.workers.filter(\.isAlive)
        let byClass = JobClass.allCases.compactMap { jobClass in
            report.recent.mailedPerMinuteByClass[jobClass.rawValue].map {
                "\(words["operations.classes.\(jobClass.rawValue)"]) \(formatter.decimal($0))"
            }
        }
        let rate =
            formatter.decimal(report.recent.mailedPerMinute)
            + (byClass.count > 1 ? " (\(byClass.joined(separator: ", ")))" : "")
        let wait = [report.recent.wait.p50, report.recent.wait.p95].map(time).joined(separator: " / ")
        let workers =
            "\(aliveWorkers.count) (\(aliveWorkers.reduce(0) { $0 + $1.busy })/\(aliveWorkers.reduce(0) { $0 + $1.lanes }))"
        return [
            ("oldest_ready", report.oldestReadyAgeSeconds.map(age) ?? none), ("in_flight", "\(report.inFlight)"),
            ("mailed_per_minute", rate),
            ("wait", report.recent.wait.count == 0 ? none : wait), ("workers", aliveWorkers.isEmpty ? none : workers),
            ("relay", relay(report)), ("version", version),
        ].map { ["label": .text(words["operations.facts.\($0)"]), "value": .text($1)] }
    }

    private func relay(_ report: QueueReport) -> String {
        let state = words["operations.relay.\(report.relay.state)"]
        let waiting = report.workers.filter { $0.isAlive && $0.waiting != nil }
        guard let first = waiting.max(by: { ($0.waitingSeconds ?? 0) < ($1.waitingSeconds ?? 0) }) else { return state }
        let values = [
            "count": "\(waiting.reduce(0) { $0 + ($1.waiting ?? 0) })", "stage": first.waitingStage ?? "",
            "time": formatter.duration(first.waitingSeconds ?? 0),
        ]
        return "\(state); \(words.sentence("relay_waiting", values))"
    }

    private func relay(_ relay: QueueReport.Relay) -> Value {
        let busy =
            relay.waiting > 0
            ? words.sentence("busy_waiting", ["busy": "\(relay.busy)", "waiting": "\(relay.waiting)"]) : "\(relay.busy)"
        let token =
            relay.tokenFailure ?? relay.tokenEndsInSeconds.map { words.sentence("token_ends", ["time": age($0)]) }
        return [
            "name": .text(relay.name), "takes_mail": .flag(relay.takesMail),
            "state": .text(words["operations.relay.\(relay.state)"]),
            "reason": .optional(relay.reason.map { .text($0) }),
            "busy": .text(busy), "mailed_per_minute": .text(formatter.decimal(relay.mailedPerMinute)),
            "token": .text(token ?? words["operations.none"]),
        ]
    }

    private func webhook(_ webhook: ReceiverReport) -> Value {
        let last = webhook.lastAt.map { formatter.short(Instant(milliseconds: $0)) }
        let state = webhook.isOff ? "off" : webhook.failingSeconds == nil ? "on" : "failing"
        return [
            "application": .text(webhook.application), "url": .text(webhook.url),
            "is_well": .flag(state == "on"), "state": .text(words["operations.webhook.\(state)"]),
            "reason": .optional(
                (webhook.offReason ?? (state == "failing" ? webhook.lastWords : nil)).map { .text($0) }),
            "waiting": "\(webhook.waiting)", "dead": "\(webhook.dead)", "last": .text(last ?? words["operations.none"]),
            "href": .text(JobQuery(kind: JobKind.webhook.rawValue).address("/jobs")),
        ]
    }

    private func pause(_ pause: QueueReport.Pause) -> Value {
        [
            "kind": .text(Excerpt.of(pause.kind, atMost: Excerpt.name)), "label": .text(lane(pause.kind)),
            "by": .text(pause.by), "since": .text(formatter.short(Instant(milliseconds: pause.since))),
            "why": .text(pause.why),
        ]
    }

    private func age(_ seconds: Double) -> String { formatter.span(.seconds(Int64(seconds))) }

    /// What may still be paused.
    private func lanes(_ report: QueueReport) -> [Value] {
        let paused = Set(report.pauses.map(\.kind))
        return ([PausedKind.everything] + JobKind.allCases.map(\.rawValue)).filter { !paused.contains($0) }.map {
            OperatorField.option($0, lane($0))
        }
    }

    private func pauseKind(_ lanes: [Value]) -> Value {
        OperatorField(
            id: "pause_kind", name: "kind", label: words["operations.columns.kind"], kind: .choice(lanes)
        ).context
    }

    private var pauseReason: Value {
        OperatorField(
            id: "pause_why", name: "why", label: words["operations.why"], kind: .why(isRequired: true), isWide: true
        ).context
    }

    private func lane(_ kind: String) -> String {
        kind == PausedKind.everything ? words["operations.everything"] : Excerpt.of(kind, atMost: Excerpt.name)
    }

    private func worker(_ worker: QueueReport.Worker) -> Value {
        [
            "id": .text(Excerpt.of(worker.id, atMost: Excerpt.name)), "is_alive": .flag(worker.isAlive),
            "heartbeat": .text(age(worker.heartbeatAgeSeconds)),
            "busy": "\(worker.busy)/\(worker.lanes)",
            "relay": .text(worker.relay == "closed" ? "" : worker.relayReason),
        ]
    }
}
