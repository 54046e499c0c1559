import CommandLine
import Domain
import Operations

/// The queue on one screen: what is wrong and what to do first, then the numbers.
struct QueueStatusText {
    let report: QueueReport
    let time: LocalTimeFormatter
    /// How wide it may be.
    let width: Int
    /// How a command is typed here, such as `pulih queue resume all`.
    let command: (String) -> String

    var page: String {
        [diagnosis, counts, history].filter { !$0.isEmpty }.joined(separator: "\n\n")
    }

    private var diagnosis: String {
        let diagnosis = QueueDiagnosis(report, time: time)
        let findings = diagnosis.findings.flatMap { finding in
            TextTable.wrap(finding.words, to: width - 4).enumerated().map { ($0 == 0 ? "  - " : "    ") + $1 }
                + (finding.command.map { ["      " + command($0)] } ?? [])
        }
        return ([diagnosis.headline] + findings).joined(separator: "\n")
    }

    private var counts: String {
        let kinds = Set(report.counts.map(\.kind)).sorted()
        guard !kinds.isEmpty else { return "The queue is empty." }
        let oldest = Dictionary(report.lanes.map { ($0.kind, $0.oldestReadyAgeSeconds) }) { max($0, $1) }
        let head = ["KIND"] + JobState.allCases.map { $0.rawValue.uppercased() } + ["OLDEST READY"]
        let rows = kinds.map { kind in
            [JobText.kind(kind)] + JobState.allCases.map { cell($0) { $0.kind == kind } }
                + [oldest[kind].map(DurationText.age) ?? "-"]
        }
        let all =
            ["all"] + JobState.allCases.map { cell($0) { _ in true } }
            + [report.oldestReadyAgeSeconds.map(DurationText.age) ?? "-"]
        return TextTable.rows(head, kinds.count > 1 ? rows + [all] : rows, numbers: Set(1..<head.count))
    }

    /// Finished jobs are counted up to a limit, which the plus tells.
    private func cell(_ state: JobState, _ belongs: (QueueReport.Count) -> Bool) -> String {
        let counts = report.counts.filter { $0.state == state.rawValue }
        let count = counts.filter(belongs).reduce(0) { $0 + $1.count }
        let isMore = state.isFinished && counts.reduce(0) { $0 + $1.count } >= QueueCount.mostFinished && count > 0
        return count == 0 ? "-" : CountText.grouped(count) + (isMore ? "+" : "")
    }

    private var history: String {
        let recent = report.recent
        let outcomes = recent.finished.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            .map { "\(CountText.grouped($0.value)) \($0.key)" }
        let lines = [
            (
                "Last hour",
                ["\(CountText.grouped(recent.arrived)) arrived"] + (outcomes.isEmpty ? ["none finished"] : outcomes)
                    + ["\(DurationText.tenths(recent.mailedPerMinute)) a minute now\(rateByClass)"]
            ),
            ("Wait", [durations(recent.wait, "from arrival to the first attempt")]),
            ("Run", [durations(recent.run, "from connecting to the relay's answer")]),
            ("Ready", report.classes.isEmpty ? ["nothing"] : report.classes.map(ready)),
            ("In flight", [inFlight]),
        ]
        let relays = report.relays.enumerated().map {
            ($0 == 0 ? "Relay\(report.relays.count > 1 ? "s" : "")" : "", relay($1))
        }
        let workers = report.workers.enumerated().map { ($0 == 0 ? "Workers" : "", worker($1)) }
        let facts = lines.map { ($0.0, $0.1.joined(separator: ", ")) }
        return TextTable.definitions(
            facts + (relays.isEmpty ? [("Relay", "unknown, since no worker is running")] : relays)
                + (workers.isEmpty ? [("Workers", "none has reported")] : workers), width: width)
    }

    private func durations(_ durations: QueueReport.Durations, _ meaning: String) -> String {
        guard durations.count > 0 else { return "nothing measured" }
        let (p50, p95, p99) = (durations.p50, durations.p95, durations.p99)
        return
            "p50 \(DurationText.duration(p50)), p95 \(DurationText.duration(p95)), p99 \(DurationText.duration(p99)), \(meaning)"
    }

    private func ready(_ waiting: QueueReport.WaitingClass) -> String {
        "\(CountText.grouped(waiting.ready)) \(waiting.class) (the oldest for \(DurationText.age(waiting.oldestReadyAgeSeconds)))"
    }

    private var inFlight: String {
        guard report.inFlight > 0 else { return "none" }
        let oldest = report.oldestRunningAgeSeconds.map { ", the oldest claimed \(DurationText.age($0)) ago" } ?? ""
        return CountText.jobs(report.inFlight) + oldest
    }

    private var rateByClass: String {
        let rates = JobClass.allCases.compactMap { jobClass in
            report.recent.mailedPerMinuteByClass[jobClass.rawValue].map {
                "\(DurationText.tenths($0)) \(jobClass.rawValue)"
            }
        }
        return rates.count > 1 ? " (\(rates.joined(separator: ", ")))" : ""
    }

    private func relay(_ relay: QueueReport.Relay) -> String {
        let waiting = relay.waiting > 0 ? " (\(relay.waiting) wait for an answer)" : ""
        let parts = [
            relay.takesMail ? "takes mail" : relay.state,
            relay.busy > 0 ? "\(CountText.of(relay.busy, "lane sends", "lanes send"))\(waiting)" : nil,
            relay.mailedPerMinute > 0 ? "\(DurationText.tenths(relay.mailedPerMinute)) a minute" : nil,
            relay.tokenFailure == nil
                ? relay.tokenEndsInSeconds.map { "token valid for \(DurationText.age($0))" } : nil,
        ]
        return "\(relay.name): " + parts.compactMap { $0 }.joined(separator: ", ")
    }

    private func worker(_ worker: QueueReport.Worker) -> String {
        let relay = ["closed": "", "open": ", relay paused", "probing": ", relay tried"][worker.relay] ?? ""
        let life = worker.isAlive ? "" : "silent, "
        return
            "\(Excerpt.of(worker.id, atMost: 64)): \(life)heartbeat \(DurationText.age(worker.heartbeatAgeSeconds)) ago, "
            + "\(worker.busy) of \(worker.lanes) lanes busy\(relay)"
    }
}
