import Domain

/// The queue as one would write it in memory, in the plainest words: what the SQL has to equal.
struct QueueModel {
    /// What the model keeps of a job: everything.
    struct Entry: Equatable {
        var id: Int64
        var kind: String
        var state = JobState.ready
        var payload: String?
        var createdAt: Instant
        var runAt: Instant
        var token: Int64 = 0
        var attempts = 0
        var unknowns = 0
        var leaseUntil: Instant?
        var worker: String?
        var outcome: String?
        var reason: String?
        var finishedAt: Instant?

        var claim: Claim { Claim(job: id, token: token) }
    }

    var entries: [Int64: Entry] = [:]
    var attempts: [Int64: Int] = [:]

    private func sorted(_ state: JobState, by key: (Entry) -> Instant?) -> [Entry] {
        entries.values.filter { $0.state == state }
            .sorted { (key($0)?.milliseconds ?? 0, $0.id) < (key($1)?.milliseconds ?? 0, $1.id) }
    }

    mutating func enqueue(_ job: NewJob, id: Int64) {
        entries[id] = Entry(
            id: id, kind: job.kind, state: job.runAt <= job.createdAt ? .ready : .scheduled, payload: job.payload,
            createdAt: job.createdAt, runAt: job.runAt)
    }

    mutating func promote(at now: Instant, limit: Int) {
        let due = sorted(.scheduled, by: \.runAt).filter { $0.runAt <= now }.prefix(limit)
        for entry in due { entries[entry.id]?.state = .ready }
    }

    mutating func reap(at now: Instant, limit: Int, delay: TimeSpan) -> Int {
        let lapsed = sorted(.running, by: \.leaseUntil).filter { $0.leaseUntil.map { $0 <= now } ?? false }
        for var entry in lapsed.prefix(limit) {
            entry.reason = "lease-lapsed: worker \(entry.worker ?? "") fell silent"
            entry.state = .scheduled
            entry.runAt = now + delay
            entry.leaseUntil = nil
            entries[entry.id] = entry
        }
        return min(lapsed.count, limit)
    }

    mutating func claim(limit: Int, leaseUntil: Instant, worker: String) -> [Entry] {
        let ready = Dictionary(grouping: sorted(.ready, by: { _ in nil })) { JobClass.standard(ofKind: $0.kind) }
        var shares = ClaimShares()
        let chosen = shares.choose(limit, of: ready.mapValues(\.count))
        let claimed = JobClass.allCases.flatMap { (ready[$0] ?? []).prefix(chosen[$0, default: 0]) }
        return claimed.map { entry in
            var entry = entry
            entry.state = .running
            entry.token += 1
            entry.attempts += 1
            entry.leaseUntil = leaseUntil
            entry.worker = worker
            entries[entry.id] = entry
            return entry
        }
    }

    /// The job of a claim that is still good.
    private func held(_ claim: Claim) -> Entry? {
        entries[claim.job].flatMap { $0.state == .running && $0.token == claim.token ? $0 : nil }
    }

    mutating func extend(_ claim: Claim, leaseUntil: Instant) -> Bool {
        guard held(claim) != nil else { return false }
        entries[claim.job]?.leaseUntil = leaseUntil
        return true
    }

    mutating func settle(_ claim: Claim, _ settlement: Settlement, hasAttempt: Bool, at now: Instant) -> Bool {
        guard var entry = held(claim) else { return false }
        entry.leaseUntil = nil
        switch settlement {
        case .done(let outcome, let reason):
            (entry.state, entry.payload, entry.finishedAt) = (.done, nil, now)
            (entry.outcome, entry.reason) = (outcome.rawValue, reason)
        case .dead(let outcome, let reason):
            (entry.state, entry.finishedAt) = (.dead, now)
            (entry.outcome, entry.reason) = (outcome.rawValue, reason)
        case .retry(let at, let reason, let unknown):
            (entry.state, entry.runAt, entry.reason) = (.scheduled, at, reason)
            if unknown { entry.unknowns += 1 }
        case .release(let until, let reason):
            (entry.state, entry.runAt) = until.map { (.scheduled, $0) } ?? (.ready, entry.runAt)
            entry.reason = reason
            entry.attempts -= 1
        }
        entries[claim.job] = entry
        if hasAttempt { attempts[claim.job, default: 0] += 1 }
        return true
    }

    mutating func change(_ id: Int64, _ change: JobChange, at now: Instant) -> Bool {
        guard var entry = entries[id] else { return false }
        switch (change, entry.state) {
        case (.retry, .dead), (.retry, .held), (.retry, .scheduled):
            guard entry.payload != nil else { return false }
            (entry.state, entry.runAt, entry.attempts, entry.unknowns) = (.ready, now, 0, 0)
            (entry.outcome, entry.finishedAt) = (nil, nil)
        case (.discard, .scheduled), (.discard, .ready), (.discard, .held), (.discard, .dead):
            (entry.state, entry.payload, entry.finishedAt) = (.discarded, nil, now)
        case (.hold, .scheduled), (.hold, .ready): entry.state = .held
        case (.release, .held): (entry.state, entry.runAt) = (.ready, now)
        default: return false
        }
        entries[id] = entry
        return true
    }

    mutating func prune(finishedBefore: Instant, limit: Int) -> Int {
        let old = [JobState.done, .discarded].flatMap { state in
            sorted(state, by: \.finishedAt).filter { $0.finishedAt.map { $0 < finishedBefore } ?? false }.prefix(limit)
        }
        for entry in old {
            entries[entry.id] = nil
            attempts[entry.id] = nil
        }
        return old.count
    }

    func hasWork(at now: Instant) -> Bool {
        entries.values.contains { entry in
            switch entry.state {
            case .ready: true
            case .scheduled: entry.runAt <= now
            case .running, .held, .done, .dead, .discarded: false
            }
        }
    }

    func hasLapsed(at now: Instant) -> Bool {
        entries.values.contains { $0.state == .running && $0.leaseUntil.map { $0 <= now } ?? false }
    }

    var oldestReady: Instant? { entries.values.filter { $0.state == .ready }.map(\.runAt).min() }

    var counts: [QueueCount] {
        JobState.allCases.flatMap { state in
            Dictionary(grouping: entries.values.filter { $0.state == state }, by: \.kind)
                .sorted { $0.key < $1.key }
                .map { QueueCount(kind: $0.key, state: state, count: $0.value.count) }
        }
    }

    func jobs(_ filter: JobFilter, limit: Int) -> [Entry] {
        let matching = entries.values.filter { entry in
            filter.state.map { $0 == entry.state } ?? true && filter.kind.map { $0 == entry.kind } ?? true
                && filter.before.map { entry.id < $0 } ?? true
        }
        return Array(matching.sorted { $0.id > $1.id }.prefix(limit))
    }
}

extension QueueModel.Entry {
    init(_ job: Job) {
        self.init(
            id: job.id, kind: job.kind, state: job.state, payload: job.payload, createdAt: job.createdAt,
            runAt: job.runAt, token: job.token, attempts: job.attempts, unknowns: job.unknowns,
            leaseUntil: job.leaseUntil, worker: job.worker, outcome: job.outcome, reason: job.reason,
            finishedAt: job.finishedAt)
    }
}
