/// One change to many jobs, batch by batch, so that no transaction is long. Newest first in each state that the change
/// starts from; each job that is there is met once, also when the change is refused or puts it into another of those states.
package struct BulkJobChange: Sendable {
    /// How many jobs were changed so far.
    package private(set) var changed = 0
    /// How many were met and could not be changed: another was faster, or nothing is left to try again.
    package private(set) var refused = 0

    private let change: JobChange
    /// One filter a state; the first is the one being changed.
    private var filters: [JobFilter]

    package init(_ filter: JobFilter, _ change: JobChange) {
        self.change = change
        filters = filter.narrowed(to: change.origins)
    }

    package var isFinished: Bool { filters.isEmpty }

    /// Changes the next `limit` jobs of one state, in the caller's transaction.
    package mutating func step(
        limit: Int, in transaction: any JobAdministration.Transaction, at now: Instant, by actor: Operator, why: String
    ) throws {
        guard let filter = filters.first else { return }
        let jobs = try transaction.jobs(filter, limit: limit)
        for job in jobs {
            switch try JobAdministration.change(job.id, change, in: transaction, at: now, by: actor, why: why) {
            case .done: changed += 1
            case .conflict, .unknown: refused += 1
            }
        }
        if jobs.count < limit {
            filters.removeFirst()
        } else {
            filters[0].before = jobs.map(\.id).min()
        }
    }
}

extension JobFilter {
    /// One filter for each of these states that this one lets through.
    func narrowed(to states: [JobState]) -> [JobFilter] {
        states.filter { state == nil || state == $0 }.map { state in
            var filter = self
            filter.state = state
            return filter
        }
    }
}
