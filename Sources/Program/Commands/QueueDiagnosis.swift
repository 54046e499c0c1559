import CommandLine
import Domain
import Operations

/// What an operator should know of the queue before any number, worst first, and what to do about it.
struct QueueDiagnosis {
    struct Finding: Equatable {
        let words: String
        /// The command that tells more or mends it, without `pulih`; nil where there is nothing to do but wait.
        let command: String?
    }

    /// Whether mail goes out, in one sentence.
    let headline: String
    /// What is not as it should be.
    let findings: [Finding]

    init(_ report: QueueReport, time: LocalTimeFormatter) {
        let held = Self.heldUp(report)
        let stopping = [
            Self.unwritable(report), Self.missingWorker(report), Self.fullPause(report, time), Self.relay(report),
        ].compactMap { $0 }
        let lateness = stopping.isEmpty ? Self.lateness(report) : nil
        findings =
            stopping + held + Self.relays(report) + Self.pauses(report, time)
            + [lateness].compactMap { $0 } + Self.webhooks(report, time) + Self.deadAndHeld(report)
        let waiting = Self.waiting(report)
        headline =
            switch (stopping.isEmpty, waiting.isEmpty) {
            case (true, true): "All mail is out: nothing waits."
            case (false, _) where report.databaseProblem != nil:
                "No mail can go out, and no request is accepted: the database cannot be written."
            case (true, false) where !held.isEmpty && report.workers.filter(\.isAlive).allSatisfy(\.isHeldUp):
                "Mail is held up by the relay, urgent mail excepted: \(waiting)."
            case (true, false): "Mail is going out\(lateness == nil ? "" : " late"): \(waiting)."
            case (false, true): "No mail can go out; none waits."
            case (false, false): "No mail is going out: \(waiting)."
            }
    }

    /// Of mails: how the telling of applications goes stands by itself.
    private static func count(_ state: JobState, _ report: QueueReport) -> Int {
        report.counts.filter { $0.state == state.rawValue && JobKind.isMail($0.kind) }
            .reduce(0) { $0 + $1.count }
    }

    /// What is not out yet; empty when all is.
    private static func waiting(_ report: QueueReport) -> String {
        let (ready, scheduled, running) = (
            count(.ready, report), count(.scheduled, report), count(.running, report)
        )
        let oldest = report.oldestReadyAgeSeconds.map { " (the oldest for \(DurationText.age($0)))" } ?? ""
        let parts = [
            ready > 0 ? "\(CountText.of(ready, "job is", "jobs are")) ready\(oldest)" : nil,
            scheduled > 0 ? "\(CountText.of(scheduled, "waits", "wait")) for another try" : nil,
            running > 0 ? "\(CountText.grouped(running)) in flight" : nil,
        ]
        return parts.compactMap { $0 }.joined(separator: ", ")
    }

    private static func missingWorker(_ report: QueueReport) -> Finding? {
        guard !report.workers.contains(where: \.isAlive) else { return nil }
        let last = report.workers.map(\.heartbeatAgeSeconds).min()
        let when = last.map { "; the last was heard of \(DurationText.age($0)) ago" } ?? "; none has ever reported"
        return Finding(words: "No worker is running on this database\(when).", command: "worker")
    }

    private static func fullPause(_ report: QueueReport, _ time: LocalTimeFormatter) -> Finding? {
        report.pauses.first { $0.kind == PausedKind.everything }.map { pause in
            Finding(words: "Everything is paused \(phrase(pause, report, time)).", command: "queue resume all")
        }
    }

    private static func unwritable(_ report: QueueReport) -> Finding? {
        report.databaseProblem.map { Finding(words: $0, command: "check") }
    }

    private static func heldUp(_ report: QueueReport) -> [Finding] {
        report.workers.filter { $0.isAlive && $0.waiting != nil }.map { worker in
            let lanes = CountText.of(worker.waiting ?? 0, "lane waits", "lanes wait")
            let age = DurationText.age((worker.waitingSeconds ?? 0) + worker.heartbeatAgeSeconds)
            return Finding(
                words:
                    "\(lanes) (of \(worker.lanes)) for the relay's answer at \(worker.waitingStage ?? ""), for \(age).",
                command: "check --smtp")
        }
    }

    private static func pauses(_ report: QueueReport, _ time: LocalTimeFormatter) -> [Finding] {
        report.pauses.filter { $0.kind != PausedKind.everything }.map { pause in
            let kind = JobText.kind(pause.kind)
            return Finding(words: "\(kind) is paused \(phrase(pause, report, time)).", command: "queue resume \(kind)")
        }
    }

    private static func phrase(_ pause: QueueReport.Pause, _ report: QueueReport, _ time: LocalTimeFormatter) -> String
    {
        PauseText.phrase(
            by: pause.by, since: Instant(milliseconds: pause.since), why: pause.why,
            at: Instant(milliseconds: report.at), time)
    }

    private static func relay(_ report: QueueReport) -> Finding? {
        let reason = report.relay.reason ?? ""
        return switch report.relay.state {
        case "paused": Finding(words: "The relay takes no mail: \(reason)", command: "check --smtp")
        case "probing": Finding(words: "The relay failed and is being tried with one mail: \(reason)", command: nil)
        default: nil
        }
    }

    /// Relays that are at fault while others take mail, and logins that will fail.
    private static func relays(_ report: QueueReport) -> [Finding] {
        let isFlowing = report.relays.contains(where: \.takesMail)
        let faults = report.relays.filter { isFlowing && !$0.takesMail }.map { relay in
            Finding(
                words: "\(relay.name) takes no mail, other relays do: \(relay.reason ?? "")", command: "check --smtp")
        }
        let tokens = report.relays.compactMap { relay in
            relay.tokenFailure.map { failure in
                let end = relay.tokenEndsInSeconds.map {
                    $0 > 0 ? " The present one ends in \(DurationText.age($0))." : ""
                }
                return Finding(
                    words: "There is no new token for \(relay.name): \(failure)\(end ?? "")", command: "check --smtp")
            }
        }
        return faults + tokens
    }

    /// Applications that are not told what happens.
    private static func webhooks(_ report: QueueReport, _ time: LocalTimeFormatter) -> [Finding] {
        report.webhooks.compactMap { webhook in
            let name = webhook.application
            if let since = webhook.offSince {
                let stamp = time.timestamp(Instant(milliseconds: since))
                return Finding(
                    words: "\(name) is told nothing since \(stamp): \(webhook.offReason ?? "")",
                    command: "webhook retry \(name)")
            }
            if webhook.needsCare {
                let waiting = CountText.of(webhook.waiting, "event waits", "events wait")
                let failing = DurationText.age(webhook.failingSeconds ?? 0)
                return Finding(
                    words: "\(name) has not been told anything for \(failing) (\(waiting)): \(webhook.lastWords ?? "")",
                    command: "webhook test \(name)")
            }
            guard webhook.dead > 0 else { return nil }
            let dead = CountText.of(webhook.dead, "event for \(name) was", "events for \(name) were")
            return Finding(words: "\(dead) given up.", command: "webhook retry \(name)")
        }
    }

    private static func lateness(_ report: QueueReport) -> Finding? {
        guard let age = report.oldestReadyAgeSeconds, age >= QueueReport.late.seconds else { return nil }
        let isFull = report.workers.filter(\.isAlive).allSatisfy { $0.busy >= $0.lanes }
        let cause = isFull ? "; every lane is busy: the relay is slow, or worker.lanes is too small" : ""
        return Finding(
            words: "The oldest ready job has waited for \(DurationText.age(age))\(cause).",
            command: "queue list --state ready --older-than \"1 min\"")
    }

    private static func deadAndHeld(_ report: QueueReport) -> [Finding] {
        let dead = count(.dead, report)
        let held = count(.held, report)
        return [
            dead == 0
                ? nil
                : Finding(
                    words: "\(CountText.of(dead, "job is dead: it was", "jobs are dead: they were")) given up.",
                    command: "queue list --state dead"),
            held == 0
                ? nil
                : Finding(
                    words: "\(CountText.of(held, "job is", "jobs are")) held back by an operator.",
                    command: "queue list --state held"),
        ].compactMap { $0 }
    }
}

/// Who paused a lane, since when, and why.
enum PauseText {
    static func phrase(by: String, since: Instant, why: String, at now: Instant, _ time: LocalTimeFormatter) -> String {
        let reason = why.isEmpty ? "" : ": \(Excerpt.of(why, atMost: Excerpt.reply))"
        return "by \(by) since \(time.timestamp(since)) (\(DurationText.age(since: since, at: now)))\(reason)"
    }
}
