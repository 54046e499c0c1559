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
    private let time: LocalTime
    private let command: (String) -> String
    private var reportedAttempts = 0
    private var reportedBlocker: Blocker?

    /// - Parameter command: how a command is typed here, such as `pulih queue resume all`.
    init(job: Int64, to: String, time: LocalTime, command: @escaping (String) -> String) {
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

    /// What was not told before, line by line.
    mutating func newLines(_ sight: Snapshot) -> [String] {
        var lines: [String] = []
        if sight.attempts.count > reportedAttempts, !Self.isOver(sight.job), let attempt = sight.attempts.last {
            reportedAttempts = sight.attempts.count
            lines.append(line(attempt, sight))
        }
        let blocker = Self.hindrance(sight)
        if blocker != reportedBlocker {
            reportedBlocker = blocker
            lines += line(blocker, sight)
        }
        return lines
    }

    /// Nil while the mail is under way.
    func conclusion(_ sight: Snapshot) -> Conclusion? {
        guard Self.isOver(sight.job) else { return nil }
        let reason = JobText.plain(sight.job.reason ?? "no reason was written down")
        if sight.job.state == .done && sight.job.outcome == Settlement.Outcome.mailed.rawValue {
            let facts = sight.attempts.last.map { attempt in
                " (\(attempt.code.map { "\($0), " } ?? "")\(DurationText.duration(attempt.seconds)), "
                    + "\(attempt.reusedConnection ? "reused" : "new") connection)"
            }
            return Conclusion(isSent: true, words: "The relay took the mail: \(reason)\(facts ?? "").")
        }
        let outcome = sight.job.outcome.map { " (\(JobText.plain($0)))" } ?? ""
        return Conclusion(
            isSent: false,
            words: "Not sent. Job \(job) is \(sight.job.state.rawValue)\(outcome): \(reason)")
    }

    /// What to say when the time is over and the mail is not.
    func unfinished(_ sight: Snapshot, after seconds: Int) -> [String] {
        let reason = sight.job.reason.map { [JobText.plain($0)] } ?? []
        return ["Not sent after \(seconds) s: job \(job) is \(sight.job.state.rawValue)."] + reason + [
            "It stays in the queue. Watch it, or drop it, with:", "  \(command("queue show \(job)"))",
            "  \(command("queue discard \(job)"))",
        ]
    }

    private static func isOver(_ job: Job) -> Bool { job.state.isFinished || job.state == .dead }

    private func line(_ attempt: Attempt, _ sight: Snapshot) -> String {
        let next =
            sight.job.state == .scheduled
            ? " The next attempt is due in \(DurationText.age(max(0, (sight.job.runAt - sight.now).seconds)))." : ""
        let reason = sight.job.reason.map { JobText.plain($0) } ?? "it failed."
        let facts = "\(attempt.outcome.rawValue), \(DurationText.duration(attempt.seconds))"
        return "Attempt \(reportedAttempts) (\(facts)): \(reason)\(next)"
    }

    private static func hindrance(_ sight: Snapshot) -> Blocker? {
        guard !isOver(sight.job), sight.job.state != .running else { return nil }
        if sight.job.state == .held { return .held }
        if let pause = sight.report.pauses.first(where: { [LanePause.everything, sight.job.kind].contains($0.kind) }) {
            return .paused(lane: pause.kind, since: pause.since)
        }
        guard sight.report.workers.contains(where: \.isAlive) else { return .noWorker }
        guard sight.attempts.isEmpty, let reason = sight.report.relay.reason else { return nil }
        return .relay(reason: reason)
    }

    private func line(_ hindrance: Blocker?, _ sight: Snapshot) -> [String] {
        switch hindrance {
        case nil: return []
        case .held: return ["The job is held. Release it with:", "  \(command("queue release \(job)"))"]
        case .paused(let lane, _):
            let told = sight.report.pauses.first { $0.kind == lane }.map { pause in
                PauseText.told(
                    by: pause.by, since: Instant(milliseconds: pause.since), why: pause.why, at: sight.now, time)
            }
            let operand = lane == LanePause.everything ? "all" : lane
            return ["The queue is paused \(told ?? ""). Resume with:", "  \(command("queue resume \(operand)"))"]
        case .noWorker:
            let last = sight.report.workers.map(\.heartbeatAgeSeconds).min()
            let when = last.map { "; the last was heard of \(DurationText.age($0)) ago" } ?? ""
            return ["No worker is running on this database\(when). Start one with:", "  \(command("worker"))"]
        case .relay(let reason): return ["The worker waits before it tries the relay again: \(reason)"]
        }
    }
}
