import CommandLine
import Domain
import Store

/// `pulih queue retry|discard|hold|release`: jobs changed by id, or all that options choose.
enum QueueChangeCommands {
    static let retry = command(.retry)
    static let discard = command(.discard)
    static let hold = command(.hold)
    static let release = command(.release)

    /// How many jobs one transaction changes.
    static let batch = 500
    /// A longer list of ids than this is reported by its numbers alone.
    private static let mostListed = 50

    private static func command(_ change: JobChange) -> Command {
        let words = ChangeWords(change)
        return Command(
            "queue \(change.rawValue)", operands: "[ID...]", count: 0...10_000, summary: words.summary,
            options: [Commands.config] + JobSelection.options + Confirmation.options + [Commands.why]
        ) { invocation in
            let ids = try invocation.operands.map(JobNumber.read)
            guard ids.isEmpty != JobSelection.isEmpty(invocation) else {
                throw UsageError(
                    ids.isEmpty
                        ? "tell which jobs: ids, or at least one of "
                            + JobSelection.options.map { "--\($0.name)" }.joined(separator: ", ")
                        : "take either ids or options that choose jobs, not both")
            }
            return try invocation.withDatabase { database, _ in
                ids.isEmpty
                    ? try changeMatching(change, words, invocation, database)
                    : try changeListed(ids, change, words, invocation, database)
            }
        }
    }

    // MARK: - By id

    private static func changeListed(
        _ ids: [Int64], _ change: JobChange, _ words: ChangeWords, _ invocation: Invocation, _ database: Database
    ) throws -> Int32 {
        let why = invocation["why"] ?? ""
        if invocation.has("dry-run") {
            let jobs = try database.read { transaction in try ids.compactMap { try transaction.job(id: $0) } }
            let fitting = jobs.filter { change.origins.contains($0.state) }.count
            Console.line(
                "\(CountText.of(fitting, "job", "jobs")) of \(ids.count) \(words.ability). Nothing was changed.")
            return 0
        }
        var failed = 0
        for start in stride(from: 0, to: ids.count, by: batch) {
            let some = Array(ids[start..<min(start + batch, ids.count)])
            let results = try database.write { transaction in
                let now = database.clock.now()
                return try some.map { id in
                    try JobAdministration.change(id, change, in: transaction, at: now, by: .commandLine, why: why)
                }
            }
            for (id, result) in zip(some, results) {
                if case .done = result {
                    if ids.count <= mostListed { Console.line("Job \(id) \(words.done(1)).") }
                } else {
                    failed += 1
                    Console.printError(words.refusal(id, result))
                }
            }
        }
        if ids.count > mostListed { Console.line(words.sentence(ids.count - failed)) }
        return failed == 0 ? 0 : 1
    }

    // MARK: - By filter

    private static func changeMatching(
        _ change: JobChange, _ words: ChangeWords, _ invocation: Invocation, _ database: Database
    ) throws -> Int32 {
        let why = invocation["why"] ?? ""
        let filter = try JobSelection.filter(invocation, in: database, at: database.clock.now())
        if let state = filter.state, !change.origins.contains(state) {
            throw UsageError("--state \(state.rawValue) chooses nothing: \(words.rule)")
        }
        let counts = try database.read { try JobAdministration.counts(filter, change, in: $0) }
        let total = counts.reduce(0) { $0 + $1.count }
        let states = counts.map { "\(CountText.grouped($0.count)) \($0.state.rawValue)" }.joined(separator: ", ")
        guard total > 0 else {
            Console.line("No such job \(words.ability): \(words.rule).")
            return 0
        }
        let question = "\(CountText.jobs(total)) \(words.ability) (\(states))."
        guard let agreed = try Confirmation.confirm(question, invocation) else { return 0 }
        guard agreed else { return 1 }
        let progress = Progress("Jobs", of: total)
        var bulkChange = BulkJobChange(filter, change)
        while !bulkChange.isFinished {
            let before = bulkChange
            bulkChange = try database.write { transaction in
                var bulkChange = before
                try bulkChange.step(limit: batch, in: transaction, at: database.clock.now(), by: .commandLine, why: why)
                return bulkChange
            }
            progress.report(bulkChange.changed)
        }
        progress.finish()
        let rest = bulkChange.refused > 0 ? " \(CountText.of(bulkChange.refused, "was", "were")) left as they are." : ""
        Console.line(words.sentence(bulkChange.changed) + rest)
        return bulkChange.refused == 0 ? 0 : 1
    }
}

/// A change in words.
struct ChangeWords {
    private let change: JobChange

    init(_ change: JobChange) { self.change = change }

    var summary: String {
        switch change {
        case .retry: "Try jobs again at once, with a fresh count of attempts"
        case .discard: "Throw jobs away that are neither running nor finished; what they hold is erased"
        case .hold: "Keep jobs from being tried until they are released"
        case .release: "Let held jobs be tried again"
        }
    }

    var ability: String {
        switch change {
        case .retry: "can be retried"
        case .discard: "can be discarded"
        case .hold: "can be held"
        case .release: "can be released"
        }
    }

    func done(_ count: Int) -> String {
        let verb = count == 1 ? "is" : "are"
        return switch change {
        case .retry: "\(verb) ready again"
        case .discard: "\(verb) discarded"
        case .hold: "\(verb) held"
        case .release: "\(verb) ready again"
        }
    }

    func sentence(_ count: Int) -> String { "\(CountText.jobs(count)) \(done(count))." }

    /// Which jobs the change is for: `only dead, held and scheduled jobs can be retried`.
    var rule: String {
        let states = change.origins.map(\.rawValue)
        let list = [states.dropLast().joined(separator: ", "), states.last ?? ""].filter { !$0.isEmpty }
        return "only \(list.joined(separator: " and ")) jobs \(ability)"
    }

    func refusal(_ id: Int64, _ result: JobAdministration.Result) -> String {
        switch result {
        case .conflict(let state) where change.origins.contains(state):
            "Job \(id) is \(state.rawValue), but what it was to do is erased: nothing is left to try."
        case .conflict(let state): "Job \(id) is \(state.rawValue): \(rule)."
        case .unknown, .done: "There is no job \(id)."
        }
    }
}
