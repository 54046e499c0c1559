/// What a transaction reads about the queue, its lanes and its workers.
package protocol JobReader {
    func job(id: Int64) throws -> Job?
    func jobs(_ filter: JobFilter, limit: Int) throws -> [Job]
    /// Of each job, in their order.
    func attempts(jobs: [Int64]) throws -> [[Attempt]]
    func countJobs(_ filter: JobFilter) throws -> Int
    /// How many finished jobs (`JobState.isFinished`) were finished before then.
    func countJobs(finishedBefore: Instant) throws -> Int
    /// What waits or is worked on, the job that came first at the head.
    func oldestUnfinishedJobs(limit: Int) throws -> [Job]
    func queueCounts() throws -> [QueueCount]
    /// The latest mails that were handed over, newest first.
    func latestMailed(since: Instant, limit: Int) throws -> [MailedJob]
    /// How many jobs of each class are ready, and since when the one that has been ready longest is.
    func readyByClass() throws -> [JobClass: ReadyJobs]
    /// Since when the mail that has been ready longest is. That need not be the head of the line: a mail that the relay
    /// failed over becomes ready anew, in its old place.
    func oldestReady() throws -> Instant?
    /// The same for each kind that has ready jobs.
    func oldestReadyByKind() throws -> [String: Instant]
    /// When the running job that was claimed first was claimed.
    func oldestRunning() throws -> Instant?
    /// Whether a claim would find something to do: ready jobs, or due ones.
    func hasWork(at now: Instant) throws -> Bool
    /// Whether any lease has lapsed.
    func hasLapsed(at now: Instant) throws -> Bool
    func workers() throws -> [WorkerHeartbeat]
    func pausedKinds() throws -> [PausedKind]
}

extension JobReader {
    package func attempts(job: Int64) throws -> [Attempt] { try attempts(jobs: [job])[0] }
}

/// Adds jobs to the queue.
package protocol JobEnqueuer {
    @discardableResult
    func enqueue(_ job: NewJob) throws -> Int64
}

/// What operators change in the queue.
package protocol JobWriter: JobReader {
    /// An operator's change of state, guarded by the state it starts from.
    func change(job: Int64, _ change: JobChange, at now: Instant) throws -> Bool
    /// Keeps jobs of a kind from being claimed. - Returns: false when they are already.
    func pause(_ lane: PausedKind) throws -> Bool
    /// - Returns: false when the lane was not paused.
    func resume(lane: String) throws -> Bool
    /// Deletes the oldest `limit` done jobs that were finished before then, and as many discarded ones, with their
    /// attempts. - Returns: how many.
    func pruneJobs(finishedBefore: Instant, limit: Int) throws -> Int
}

extension JobQueue {
    /// Claims ready jobs, the most urgent first.
    package func claim(limit: Int, at now: Instant, leaseUntil: Instant, worker: String) throws -> [Job] {
        var shares = ClaimShares()
        return try claim(
            limit: limit, of: JobClass.allCases, shares: &shares, at: now, leaseUntil: leaseUntil, worker: worker)
    }
}

/// What workers do with the queue.
package protocol JobQueue {
    /// Makes scheduled jobs whose time has come ready.
    func promote(at now: Instant, limit: Int) throws
    /// Takes jobs back whose lease has lapsed; they wait as after a failed attempt.
    @discardableResult
    func rescueExpired(at now: Instant, limit: Int, delay: (Job) -> TimeSpan) throws -> Int
    /// Claims ready jobs of these classes: of each as many as `shares` gives it, oldest first.
    func claim(
        limit: Int, of classes: [JobClass], shares: inout ClaimShares, at now: Instant, leaseUntil: Instant,
        worker: String
    ) throws -> [Job]
    /// Claims the oldest ready message for a receiver; nil when there is none.
    func claim(for receiver: ReceiverID, at now: Instant, leaseUntil: Instant, worker: String) throws -> Job?
    /// Prolongs a lease. - Returns: false when the claim is no longer ours.
    func extend(_ claim: Claim, leaseUntil: Instant) throws -> Bool
    /// Ends claims. - Returns: for each false when it was fenced out: another claim is newer, or the job is not running.
    func settle(_ ends: [ClaimEnd], at now: Instant) throws -> [Bool]
    func recordHeartbeat(_ worker: WorkerHeartbeat) throws
}

extension JobQueue {
    /// Ends one claim. - Returns: false when it was fenced out.
    package func settle(_ claim: Claim, _ settlement: Settlement, attempt: Attempt?, at now: Instant) throws -> Bool {
        try settle([ClaimEnd(claim, settlement, attempt: attempt)], at: now)[0]
    }
}
