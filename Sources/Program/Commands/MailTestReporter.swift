import CommandLine
import Domain
import Operations

/// Reports the progress of a test mail: each fact once, as soon as it is known.
struct MailTestReporter {
    /// All that is known at one moment.
    struct Snapshot: Sendable {
        let job: Job
        let attempts: [Attempt]
        let report: QueueReport
        let now: Instant
    }

    struct Conclusion {
        let isSent: Bool
        let words: String
    }

    private let job: Int64
    private let to: String
    private let time: LocalTimeFormatter
    private let command: (String) -> String
    private var reportedAttempts = 0
    private var reportedBlocker: Blocker?

    /// - Parameter command: how a command is typed here, such as `pulih queue resume all`.
    init(job: Int64, to: String, time: LocalTimeFormatter, command: @escaping (String) -> String) {
        self.job = job
        self.to = to
        self.time = time
        self.command = command
    }

    /// Why nothing happens, where that is not the last attempt's fault.
    private enum Blocker: Equatable {
        case held
        case paused(lane: String, since: Int64)
        case noWorker
        case relay(reason: String)
    }

    /// What was not reported before, line by line.
    mutating func newLines(_ snapshot: Snapshot) -> [String] {
        var lines: [String] = []
        if snapshot.attempts.count > reportedAttempts, !Self.isOver(snapshot.job), let attempt = snapshot.attempts.last
        {
            reportedAttempts = snapshot.attempts.count
            lines.append(line(attempt, snapshot))
        }
        let blocker = Self.blocker(snapshot)
        if blocker != reportedBlocker {
            reportedBlocker = blocker
            lines += line(blocker, snapshot)
        }
        return lines
    }

    /// Nil while the mail is under way.
    func conclusion(_ snapshot: Snapshot) -> Conclusion? {
        guard Self.isOver(snapshot.job) else { return nil }
        let reason = JobText.plain(snapshot.job.reason ?? "no reason was written down")
        if snapshot.job.state == .done && snapshot.job.outcome == Settlement.Outcome.mailed.rawValue {
            let facts = snapshot.attempts.last.map { attempt in
                " (\(attempt.code.map { "\($0), " } ?? "")\(DurationText.duration(attempt.seconds)), "
                    + "\(attempt.reusedConnection ? "reused" : "new") connection"
                    + (attempt.relay.map { " to \(JobText.plain($0))" } ?? "") + ")"
            }
            return Conclusion(isSent: true, words: "The relay took the mail: \(reason)\(facts ?? "").")
        }
        if snapshot.job.hasBounced {
            return Conclusion(isSent: false, words: "The relay took the mail, and it came back: \(reason)")
        }
        let outcome = snapshot.job.outcome.map { " (\(JobText.plain($0)))" } ?? ""
        return Conclusion(
            isSent: false,
            words: "Not sent. Job \(job) is \(snapshot.job.state.rawValue)\(outcome): \(reason)")
    }

    /// What to say when the time is over and the mail is not.
    func unfinished(_ snapshot: Snapshot, after seconds: Int) -> [String] {
        let reason = snapshot.job.reason.map { [JobText.plain($0)] } ?? []
        return ["Not sent after \(seconds) s: job \(job) is \(snapshot.job.state.rawValue)."] + reason + [
            "It stays in the queue. Watch it, or drop it, with:", "  \(command("queue show \(job)"))",
            "  \(command("queue discard \(job)"))",
        ]
    }

    private static func isOver(_ job: Job) -> Bool { job.state.isFinished || job.state == .dead }

    private func line(_ attempt: Attempt, _ snapshot: Snapshot) -> String {
        let next =
            snapshot.job.state == .scheduled
            ? " The next attempt is due in \(DurationText.age(max(0, (snapshot.job.runAt - snapshot.now).seconds)))."
            : ""
        let reason = snapshot.job.reason.map { JobText.plain($0) } ?? "it failed."
        let facts = "\(attempt.outcome.rawValue), \(DurationText.duration(attempt.seconds))"
        return "Attempt \(reportedAttempts) (\(facts)): \(reason)\(next)"
    }

    private static func blocker(_ snapshot: Snapshot) -> Blocker? {
        guard !isOver(snapshot.job), snapshot.job.state != .running else { return nil }
        if snapshot.job.state == .held { return .held }
        if let pause = snapshot.report.pauses.first(where: {
            [PausedKind.everything, snapshot.job.kind].contains($0.kind)
        }) {
            return .paused(lane: pause.kind, since: pause.since)
        }
        guard snapshot.report.workers.contains(where: \.isAlive) else { return .noWorker }
        guard snapshot.attempts.isEmpty, let reason = snapshot.report.relay.reason else { return nil }
        return .relay(reason: reason)
    }

    private func line(_ blocker: Blocker?, _ snapshot: Snapshot) -> [String] {
        switch blocker {
        case nil: return []
        case .held: return ["The job is held. Release it with:", "  \(command("queue release \(job)"))"]
        case .paused(let lane, _):
            let phrase = snapshot.report.pauses.first { $0.kind == lane }.map { pause in
                PauseText.phrase(
                    by: pause.by, since: Instant(milliseconds: pause.since), why: pause.why, at: snapshot.now, time)
            }
            let operand = lane == PausedKind.everything ? "all" : lane
            return ["The queue is paused \(phrase ?? ""). Resume with:", "  \(command("queue resume \(operand)"))"]
        case .noWorker:
            let last = snapshot.report.workers.map(\.heartbeatAgeSeconds).min()
            let when = last.map { "; the last was heard of \(DurationText.age($0)) ago" } ?? ""
            return ["No worker is running on this database\(when). Start one with:", "  \(command("worker"))"]
        case .relay(let reason): return ["The worker waits before it tries the relay again: \(reason)"]
        }
    }
}
