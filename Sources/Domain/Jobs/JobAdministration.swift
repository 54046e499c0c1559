/// Who changes the queue by hand.
package struct Operator: Sendable, Equatable {
    /// As the audit log has it: `operator:NAME`.
    package let name: String
    /// The network address it came from, or nil for a command.
    package let address: String?

    package init(name: String, address: String?) {
        self.name = name
        self.address = address
    }
}

/// What operators do to the queue, each change with its audit event in the caller's transaction.
package enum JobAdministration {
    /// What it needs of a transaction.
    package typealias Transaction = JobWriter & AuditWriter

    package enum Result: Sendable, Equatable {
        case done(from: JobState)
        /// The job is in a state that the change does not start from, or has nothing left to try again.
        case conflict(JobState)
        case unknown
    }

    /// Changes one job if it is in a state that the change starts from.
    package static func change(
        _ id: Int64, _ change: JobChange, in transaction: any Transaction, at now: Instant, by actor: Operator,
        why: String
    ) throws -> Result {
        guard let job = try transaction.job(id: id) else { return .unknown }
        guard try transaction.change(job: id, change, at: now) else { return .conflict(job.state) }
        try transaction.append(
            event(change.event, "job:\(id)", at: now, by: actor, detail("was \(job.state.rawValue)", why)))
        return .done(from: job.state)
    }

    /// Changes the newest `limit` jobs that fit the filter and are in a state that the change starts from.
    /// - Returns: how many.
    package static func change(
        _ filter: JobFilter, _ change: JobChange, limit: Int, in transaction: any Transaction, at now: Instant,
        by actor: Operator, why: String
    ) throws -> Int {
        var bulkChange = BulkJobChange(filter, change)
        while !bulkChange.isFinished && bulkChange.changed < limit {
            try bulkChange.step(limit: limit - bulkChange.changed, in: transaction, at: now, by: actor, why: why)
        }
        return bulkChange.changed
    }

    /// How many jobs fit the filter and are in a state that the change starts from.
    package static func count(_ filter: JobFilter, _ change: JobChange, in transaction: any JobReader) throws
        -> Int
    {
        try counts(filter, change, in: transaction).reduce(0) { $0 + $1.count }
    }

    /// The same for each of those states that there are jobs in.
    package static func counts(
        _ filter: JobFilter, _ change: JobChange, in transaction: any JobReader
    ) throws -> [(state: JobState, count: Int)] {
        try filter.narrowed(to: change.origins).compactMap { filter in
            guard let state = filter.state else { return nil }
            let count = try transaction.countJobs(filter)
            return count > 0 ? (state, count) : nil
        }
    }

    /// Deletes the oldest `limit` done jobs that were finished before then, and as many discarded ones.
    /// - Returns: how many; fewer than `limit` when none is left.
    package static func prune(
        finishedBefore: Instant, limit: Int, in transaction: any Transaction, at now: Instant, by actor: Operator,
        why: String
    ) throws -> Int {
        let deleted = try transaction.pruneJobs(finishedBefore: finishedBefore, limit: limit)
        if deleted > 0 {
            let stamp = LocalTimeFormatter(language: .english, zone: .utc).timestamp(finishedBefore)
            let fact = "\(deleted) jobs finished before \(stamp)"
            try transaction.append(event(.jobsPruned, "queue", at: now, by: actor, detail(fact, why)))
        }
        return deleted
    }

    /// Keeps jobs of a kind, or of every kind (`PausedKind.everything`), from being claimed.
    /// - Returns: false when they were kept already.
    package static func pause(
        lane: String, in transaction: any Transaction, at now: Instant, by actor: Operator, why: String
    ) throws -> Bool {
        guard
            try transaction.pause(PausedKind(kind: lane, at: now, by: actor.name, why: LinkTokenRedaction.redact(why)))
        else {
            return false
        }
        try transaction.append(event(.lanePaused, "lane:\(lane)", at: now, by: actor, why))
        return true
    }

    /// - Returns: false when the lane was not paused.
    package static func resume(
        lane: String, in transaction: any Transaction, at now: Instant, by actor: Operator, why: String
    ) throws -> Bool {
        guard try transaction.resume(lane: lane) else { return false }
        try transaction.append(event(.laneResumed, "lane:\(lane)", at: now, by: actor, why))
        return true
    }

    private static func event(
        _ name: AuditEvent.Name, _ subject: String, at now: Instant, by actor: Operator, _ detail: String
    ) -> AuditEvent {
        // What is once in the audit log stays there, a link that was pasted as the reason too.
        AuditEvent(
            name: name, at: now, actor: actor.name, subject: subject, address: actor.address,
            detail: LinkTokenRedaction.redact(detail))
    }

    private static func detail(_ fact: String, _ why: String) -> String { why.isEmpty ? fact : "\(fact); \(why)" }
}
