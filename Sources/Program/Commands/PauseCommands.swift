import CommandLine
import Domain
import Spelling
import Operations
import Store
import Threading

/// `pulih queue pause|resume|drain|prune`: the queue as a whole, or all jobs of a kind.
enum PauseCommands {
    /// What stands for every kind on the command line.
    private static let all = "all"

    static let pause = Command(
        "queue pause", operands: "[KIND|all]", count: 0...1,
        summary: "Accept jobs of a kind, or all (the default), and try none until they are resumed",
        options: [Commands.config, Commands.why]
    ) { invocation in
        try invocation.withDatabase { database, configuration in
            let lane = try lane(invocation, in: database)
            let why = invocation["why"] ?? ""
            let now = database.clock.now()
            let isNew = try database.write {
                try JobAdministration.pause(lane: lane, in: $0, at: now, by: .commandLine, why: why)
            }
            let report = try database.read { try QueueReport(of: $0, at: now) }
            guard isNew else { throw CommandError(alreadyPaused(lane, report, configuration.stamps)) }
            let counts = report.counts.filter { lane == PausedKind.everything || $0.kind == lane }
            func count(_ state: JobState) -> Int {
                counts.filter { $0.state == state.rawValue }.reduce(0) { $0 + $1.count }
            }
            let running = count(.running)
            let rest = running > 0 ? " \(CountText.of(running, "is", "are")) running and will finish." : ""
            let waiting = CountText.of(count(.ready), "ready job waits", "ready jobs wait")
            Console.line("\(name(lane)) is paused: \(waiting).\(rest)")
            Console.line("Resume with: \(invocation.typed("queue resume \(operand(lane))"))")
            return 0
        }
    }

    static let resume = Command(
        "queue resume", operands: "[KIND|all]", count: 0...1,
        summary: "Try jobs of a paused kind again; all (the default) ends the pause of everything",
        options: [Commands.config, Commands.why]
    ) { invocation in
        try invocation.withDatabase { database, _ in
            let lane = try lane(invocation, in: database)
            let why = invocation["why"] ?? ""
            let now = database.clock.now()
            let wasPaused = try database.write {
                try JobAdministration.resume(lane: lane, in: $0, at: now, by: .commandLine, why: why)
            }
            let left = try database.read { try $0.pausedKinds() }.map { operand($0.kind) }
            let others = left.isEmpty ? "" : " Still paused: \(left.joined(separator: ", "))."
            guard wasPaused else { throw CommandError("\(name(lane)) was not paused.\(others)") }
            Console.line("\(name(lane)) is resumed.\(others)")
            return 0
        }
    }

    static let drain = Command(
        "queue drain", summary: "Pause everything and wait until no job is running, as before an upgrade",
        options: [
            Commands.config, .init("wait", "SECONDS", "how long to wait (default 60)"), Commands.why,
        ]
    ) { invocation in
        let seconds = try invocation.integer("wait", in: 1...86_400, default: 60)
        return try invocation.withDatabase { database, configuration in
            let why = invocation["why"] ?? "drained"
            let now = database.clock.now()
            let isNew = try database.write {
                try JobAdministration.pause(lane: PausedKind.everything, in: $0, at: now, by: .commandLine, why: why)
            }
            Console.line(
                isNew ? "Everything is paused; jobs that are running finish." : "Everything was paused already.")
            let changes = try ChangeWaiter(database)
            defer { changes.close() }
            var last = -1
            let isDrained = try changes.poll(for: seconds) {
                let running = try database.read { try $0.countJobs(JobFilter(state: .running)) }
                if running != last && running > 0 {
                    Console.line("\(CountText.of(running, "job is", "jobs are")) running …")
                }
                last = running
                return running == 0 ? true : nil
            }
            let command = invocation.typed("queue resume \(all)")
            guard isDrained == true else {
                let late = try database.read { try $0.jobs(JobFilter(state: .running), limit: 5) }
                throw CommandError(
                    "After \(seconds) s \(CountText.of(last, "job is", "jobs are")) still running. Everything stays paused; "
                        + "open again with: \(command)",
                    detail: JobText.table(late, at: database.clock.now(), width: Terminal.width))
            }
            Console.line("Nothing is running. Open again with: \(command)")
            return 0
        }
    }

    static let prune = Command(
        "queue prune", summary: "Delete finished jobs (done and discarded), with their attempts",
        options: [
            Commands.config, .init("older-than", "SPAN", "jobs finished longer ago, such as \"12 h\" or \"7 d\""),
        ] + Confirmation.options + [Commands.why]
    ) { invocation in
        _ = try invocation.required("older-than")
        guard let span = try invocation.span("older-than") else { return 2 }
        return try invocation.withDatabase { database, configuration in
            let before = database.clock.now() - span
            let total = try database.read { try $0.countJobs(finishedBefore: before) }
            guard total > 0 else {
                Console.line("No job was finished before \(configuration.stamps.timestamp(before)).")
                return 0
            }
            let fact =
                "\(CountText.of(total, "job that was", "jobs that were")) finished before "
                + "\(configuration.stamps.timestamp(before)) can be deleted."
            guard let agreed = try Confirmation.confirm(fact, invocation) else { return 0 }
            guard agreed else { return 1 }
            let why = invocation["why"] ?? ""
            let progress = Progress("Jobs", of: total)
            var deleted = 0
            while true {
                let count = try database.write {
                    try JobAdministration.prune(
                        finishedBefore: before, limit: QueueChangeCommands.batch, in: $0, at: database.clock.now(),
                        by: .commandLine, why: why)
                }
                deleted += count
                progress.report(deleted)
                if count < QueueChangeCommands.batch { break }
            }
            progress.finish()
            Console.line("\(CountText.of(deleted, "job is", "jobs are")) deleted.")
            return 0
        }
    }

    // MARK: - Lanes

    /// - Throws: `UsageError` for a kind that nobody knows and the queue does not hold, with the nearest one that is.
    private static func lane(_ invocation: Invocation, in database: Database) throws -> String {
        guard let text = invocation.operands.first, text != all else { return PausedKind.everything }
        let counts = try database.read { (try $0.queueCounts().map(\.kind), try $0.pausedKinds().map(\.kind)) }
        let known = Set(JobKind.allCases.map(\.rawValue) + counts.0 + counts.1)
        guard known.contains(text) else {
            let near = nearest(to: text, among: known.union([all])).map { "; did you mean \($0)?" } ?? ""
            throw UsageError("\(text) is no kind of job\(near)")
        }
        return text
    }

    private static func operand(_ lane: String) -> String { lane == PausedKind.everything ? all : JobText.kind(lane) }

    private static func name(_ lane: String) -> String {
        lane == PausedKind.everything ? "Everything" : JobText.kind(lane)
    }

    private static func alreadyPaused(_ lane: String, _ report: QueueReport, _ time: LocalTimeFormatter) -> String {
        guard let pause = report.pauses.first(where: { $0.kind == lane }) else { return "\(name(lane)) is paused." }
        let phrase = PauseText.phrase(
            by: pause.by, since: Instant(milliseconds: pause.since), why: pause.why,
            at: Instant(milliseconds: report.at), time)
        return "\(name(lane)) is paused already, \(phrase)."
    }
}
