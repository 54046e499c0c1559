/// All state. Store implements it; everyone else sees only this.
package protocol Store: Sendable {
    /// How it is doing, as far as this process knows.
    var metrics: StoreMetrics { get }

    /// Runs `body` against one unchanging picture of the state.
    func read<Result: Sendable>(_ body: (any ReadTransaction) throws -> Result) throws -> Result

    /// Runs `body` in a write transaction and returns once it is on the disk (`synchronous=FULL`). Writes that arrive
    /// together share one commit; when `body` throws, its own changes are undone and nobody else's.
    func write<Result: Sendable>(_ body: @escaping @Sendable (any WriteTransaction) throws -> Result) throws -> Result
}

/// Questions.
package protocol ReadTransaction {
    func account(userID: String) throws -> Account?
    func account(id: Int64) throws -> Account?
    /// Accounts by User ID, after the given one.
    func accounts(after userID: String, limit: Int) throws -> [Account]

    func credentials(account: Int64) throws -> Credentials?
    /// The password hash of one of all accounts, drawn by a number: the same for the same number, while no account is made.
    func decoyPasswordHash(_ number: UInt64) throws -> String?
    /// Accounts that have a secret, by their number, after the given one.
    func sealedSecrets(after account: Int64, limit: Int) throws -> [SealedSecret]
    func recoveryCodes(account: Int64) throws -> RecoveryCodes.Status?
    /// In the order in which they were made.
    func policyRules() throws -> [PolicyRule]
    /// The session whose token has this digest, however old.
    func session(digest: [UInt8]) throws -> LoginSession?
    /// Newest first, however old.
    func sessions(account: Int64) throws -> [LoginSession]
    func failures(_ key: FailureKey) throws -> Failures?

    func resetRequest(id: String) throws -> ResetRequest?
    func resetRequest(job: Int64) throws -> ResetRequest?
    /// Requests that were opened for an account since then.
    func resetRequests(account: Int64, since: Instant) throws -> Int
    /// Requests accepted from an address since then.
    func rateLimitHits(from address: String, since: Instant) throws -> Int

    func job(id: Int64) throws -> Job?
    func jobs(_ filter: JobFilter, limit: Int) throws -> [Job]
    func attempts(job: Int64) throws -> [Attempt]
    func countJobs(_ filter: JobFilter) throws -> Int
    /// How many finished jobs (`JobState.isFinished`) were finished before then.
    func countJobs(finishedBefore: Instant) throws -> Int
    /// What waits or is worked on, the job that came first at the head.
    func oldestUnfinishedJobs(limit: Int) throws -> [Job]
    func queueCounts() throws -> [QueueCount]
    /// Since when the job that has been ready longest is. That need not be the head of the line: a mail that the relay
    /// failed over becomes ready anew, in its old place.
    func oldestReady() throws -> Instant?
    /// The same for each kind that has ready jobs.
    func oldestReadyByKind() throws -> [String: Instant]
    /// When the running job that was claimed first was claimed.
    func oldestRunning() throws -> Instant?
    /// Whether a claim would find something to do: ready jobs, due ones, lapsed leases.
    func hasWork(at now: Instant) throws -> Bool
    func workers() throws -> [WorkerHeartbeat]
    func lanePauses() throws -> [LanePause]
    /// Slot by slot, from the one that holds `since`; at most the last two days.
    func statistics(since: Instant) throws -> [Statistic]
    /// What was counted since the beginning, each in one sum.
    func totals() throws -> [Statistic]

    /// Newest first.
    func auditEvents(_ filter: AuditFilter, limit: Int) throws -> [AuditRecord]
    /// Oldest first, after the event with this number.
    func auditEvents(after number: Int64, limit: Int) throws -> [AuditRecord]
}

/// Questions and changes, inside a write transaction.
package protocol WriteTransaction: ReadTransaction {
    @discardableResult
    func insert(_ account: NewAccount, at now: Instant) throws -> Int64
    func setPassword(account: Int64, hash: String) throws
    func setEmail(account: Int64, _ email: EmailAddress) throws
    func setActive(account: Int64, _ isActive: Bool) throws
    /// Gives an account a secret, sealed by the caller for this generation, of which no code was used yet.
    func setSecret(
        account: Int64, sealed: [UInt8], generation: Int64, parameters: TOTPParameters, state: TOTPState) throws
    /// Puts another seal around the secret that an account has, if its generation is still this one. The secret and all
    /// that is known of it stay.
    func reseal(_ secret: SealedSecret) throws -> Bool
    /// Spends a time step: notes it as the last accepted one, with the drift, and makes a pending secret active, if the
    /// generation is still this one and no step as late was accepted before.
    /// - Returns: whether this call, and no other, spent it.
    func acceptStep(account: Int64, generation: Int64, step: TimeStep, drift: Int) throws -> Bool
    /// Clears the secret, its recovery codes and the count of wrong codes, and raises the generation, if the generation
    /// is still this one.
    func clearSecret(account: Int64, generation: Int64) throws -> Bool

    /// Takes the place of all recovery codes that the account had.
    func replaceRecoveryCodes(account: Int64, digests: [[UInt8]], at now: Instant) throws
    /// - Returns: whether there was such a code and this call spent it.
    func spendRecoveryCode(account: Int64, digest: [UInt8], at now: Instant) throws -> Bool

    func addPolicyRule(_ rule: PolicyRule, by actor: String) throws
    /// Deletes rules of this scope that start later than now; of every scope when nil.
    /// - Returns: how many.
    @discardableResult
    func cancelUpcomingRules(scope: String?, after now: Instant) throws -> Int

    /// Stores a session; its id is given by the store.
    @discardableResult
    func insert(session: LoginSession, digest: [UInt8]) throws -> Int64
    func touch(session: Int64, at now: Instant) throws
    /// - Returns: whether it was there.
    func endSession(_ id: Int64) throws -> Bool
    /// - Returns: how many there were.
    @discardableResult
    func endSessions(account: Int64, except: Int64?) throws -> Int

    /// Counts one more failure; from one again when the last was before `forgetBefore`.
    @discardableResult
    func recordFailure(_ key: FailureKey, at now: Instant, forgetBefore: Instant?) throws -> Failures
    /// Takes one failure back that was counted and never judged.
    func refundFailure(_ key: FailureKey) throws
    func clearFailures(_ key: FailureKey) throws

    /// - Returns: false when it was spent before.
    func spendCaptcha(_ id: String, until: Instant) throws -> Bool
    func recordRateLimitHit(from address: String, at now: Instant) throws
    /// Stores an open request and supersedes the account's other open ones.
    func open(_ request: ResetRequest, at now: Instant) throws
    /// - Returns: whether this call took it from `open` to `used`.
    func spend(request: String, at now: Instant) throws -> Bool
    /// - Returns: whether this call took it from `open` to `cancelled`.
    func cancel(request: String, at now: Instant) throws -> Bool

    @discardableResult
    func enqueue(_ job: NewJob) throws -> Int64
    /// Makes scheduled jobs whose time has come ready.
    @discardableResult
    func promote(at now: Instant, limit: Int) throws -> Int
    /// Takes jobs back whose lease has lapsed; they wait as after a failed attempt.
    @discardableResult
    func rescueExpired(at now: Instant, limit: Int, delay: (Job) -> TimeSpan) throws -> Int
    /// Claims ready jobs, oldest first.
    func claim(limit: Int, at now: Instant, leaseUntil: Instant, worker: String) throws -> [Job]
    /// Prolongs a lease. - Returns: false when the claim is no longer ours.
    func extend(_ claim: Claim, leaseUntil: Instant) throws -> Bool
    /// Ends a claim. - Returns: false when it was fenced out: another claim is newer, or the job is not running.
    func settle(_ claim: Claim, _ settlement: Settlement, attempt: Attempt?, at now: Instant) throws -> Bool

    /// An operator's change of state, guarded by the state it starts from.
    func change(job: Int64, _ change: JobChange, at now: Instant) throws -> Bool
    /// Keeps jobs of a kind from being claimed. - Returns: false when they are already.
    func pause(_ lane: LanePause) throws -> Bool
    /// - Returns: false when the lane was not paused.
    func resume(lane: String) throws -> Bool
    func append(_ event: AuditEvent) throws
    func recordHeartbeat(_ worker: WorkerHeartbeat) throws
    /// Writes something that nobody reads, to see whether writing works.
    func checkWritable(at now: Instant) throws
    /// Deletes the oldest `limit` done jobs that were finished before then, and as many discarded ones, with their
    /// attempts. - Returns: how many.
    func pruneJobs(finishedBefore: Instant, limit: Int) throws -> Int
    /// Deletes up to `limit` rows of each kind that nobody needs any more.
    func prune(finishedBefore: Instant, limit: Int, at now: Instant) throws -> Int
}

/// What operators may do to one job.
package enum JobChange: String, Sendable, CaseIterable {
    /// To `ready`, with a fresh count of attempts.
    case retry
    /// To `discarded`; the payload is erased.
    case discard
    /// To `held`.
    case hold
    /// From `held` to `ready`.
    case release

    /// The states it starts from; in any other it does nothing.
    package var origins: [JobState] {
        switch self {
        case .retry: [.dead, .held, .scheduled]
        case .discard: [.scheduled, .ready, .held, .dead]
        case .hold: [.scheduled, .ready]
        case .release: [.held]
        }
    }

    package var event: AuditEvent.Name {
        switch self {
        case .retry: .jobRetried
        case .discard: .jobDiscarded
        case .hold: .jobHeld
        case .release: .jobReleased
        }
    }
}

/// Which jobs to list, newest first.
package struct JobFilter: Sendable, Equatable {
    package var state: JobState?
    package var kind: String?
    /// Only jobs with a smaller id: the next page.
    package var before: Int64?
    package var createdBefore: Instant?
    package var createdAfter: Instant?
    /// Only jobs of this account, as far as they can still be told.
    package var account: Account?
    /// Only jobs whose reason holds this text, in whatever case.
    package var reason: String?

    package init(state: JobState? = nil, kind: String? = nil, before: Int64? = nil) {
        self.state = state
        self.kind = kind
        self.before = before
    }
}

/// A kind of job that an operator keeps from being claimed. Jobs of it are accepted and wait.
package struct LanePause: Sendable, Equatable {
    /// Stands for every kind there is and will be.
    package static let everything = "*"

    package let kind: String
    package let at: Instant
    package let by: String
    package let why: String

    package init(kind: String, at: Instant, by: String, why: String) {
        self.kind = kind
        self.at = at
        self.by = by
        self.why = why
    }
}

/// How many jobs of a kind stand in a state.
package struct QueueCount: Sendable, Equatable {
    /// Of the finished jobs (`JobState.isFinished`) only this many of the newest are counted, all kinds together: their
    /// number grows with history, and a look at the queue must not.
    package static let mostFinished = 10_000

    package let kind: String
    package let state: JobState
    package let count: Int

    package init(kind: String, state: JobState, count: Int) {
        self.kind = kind
        self.state = state
        self.count = count
    }
}

/// How the storage is doing.
package struct StoreMetrics: Sendable, Equatable {
    /// Seconds that each commit of this process took, from its beginning to the disk.
    package let commits: Histogram
    /// Bytes of each file, by what it is: `database`, `log`.
    package let bytes: [String: Int64]

    package init(commits: Histogram, bytes: [String: Int64]) {
        self.commits = commits
        self.bytes = bytes
    }
}

/// A worker as it last reported itself.
package struct WorkerHeartbeat: Sendable, Equatable {
    package let id: String
    package let startedAt: Instant
    package let heartbeatAt: Instant
    /// `closed`, `open` or `probing`: the circuit breaker.
    package let relay: String
    /// What the relay said last, when the breaker is not closed.
    package let relayReason: String
    package let lanes: Int
    package let busy: Int

    package init(
        id: String, startedAt: Instant, heartbeatAt: Instant, relay: String, relayReason: String, lanes: Int, busy: Int
    ) {
        self.id = id
        self.startedAt = startedAt
        self.heartbeatAt = heartbeatAt
        self.relay = relay
        self.relayReason = relayReason
        self.lanes = lanes
        self.busy = busy
    }
}
