// Domain: the rules for accounts, TOTP, login, resets, jobs, mail and audit. Computation only: clock, randomness and store are
// handed in. Begin here for what the rules ask of the store, then in the folder of the subject.

/// All state. The room Store implements it; every other room sees only this.
package protocol Store: Sendable {
    /// Its figures, as far as this process knows them.
    var metrics: StoreMetrics { get }

    /// By how much the clock that machines share is ahead of this one's, as measured last; zero where none is shared.
    var clockOffset: TimeSpan { get }

    /// Where to see, without asking the store itself, whether anything was committed.
    /// - Returns: nil where only the store can tell.
    func openDataVersions() throws -> (any DataVersions)?

    /// Runs `body` against one unchanging picture of the state.
    func read<Result: Sendable>(_ body: (any ReadTransaction) throws -> Result) throws -> Result

    /// Runs `body`, which asks one question: a single statement sees one picture by itself, without the cost of a transaction.
    func readOne<Result: Sendable>(_ body: (any ReadTransaction) throws -> Result) throws -> Result

    /// Runs `body` in a write transaction and returns once it is on the disk (`synchronous=FULL`). Writes that arrive
    /// together share one commit; when `body` throws, its own changes are undone and nobody else's.
    func write<Result: Sendable>(_ body: @escaping @Sendable (any WriteTransaction) throws -> Result) throws -> Result
}

extension Store {
    package var clockOffset: TimeSpan { .seconds(0) }

    package func openDataVersions() throws -> (any DataVersions)? { nil }

    package func readOne<Result: Sendable>(_ body: (any ReadTransaction) throws -> Result) throws -> Result {
        try read(body)
    }
}

/// Tells states of the store apart. It costs next to nothing and blocks nobody.
package protocol DataVersions: Sendable {
    /// That of the last commit of any process; nil at the very moment of a commit.
    var current: DataVersion? { get }
}

/// A state of the store: between two equal ones nothing was committed. It is not known what was, nor how much.
package struct DataVersion: Sendable, Hashable {
    private let words: SIMD16<UInt32>

    package init(_ words: SIMD16<UInt32>) { self.words = words }
}

/// What a transaction reads: one protocol per subject, each beside its subject. Functions ask for those they need.
package protocol ReadTransaction: AccountReader, PolicyReader, LoginReader, RateLimitReader, ResetReader, JobReader,
    BounceReader, AuditReader, StatisticReader, ApplicationReader, ApplicationLoginReader,
    OpenIDReader
{}

/// What a write transaction reads and changes.
package protocol WriteTransaction: ReadTransaction, AccountWriter, PolicyWriter, LoginWriter, RateLimitWriter,
    ResetWriter, JobEnqueuer, JobWriter, JobQueue, BounceWriter, AuditWriter, StoreMaintenance, ApplicationWriter,
    ApplicationLoginWriter, OpenIDWriter, EventPublisher
{}

/// The upkeep of the store itself.
package protocol StoreMaintenance {
    /// Writes something that nobody reads, to see whether writing works.
    func checkWritable(at now: Instant) throws
    /// Deletes up to `limit` rows of each kind that nobody needs any more.
    func prune(finishedBefore: Instant, limit: Int, at now: Instant) throws -> Int
}

/// Figures about the store.
package struct StoreMetrics: Sendable, Equatable {
    /// Seconds that each commit of this process took, from its beginning to the disk.
    package let commits: Histogram
    /// Bytes of each file, by what it is: `database`, `log`.
    package let bytes: [String: Int64]
    /// Nil where an engine leaves nothing behind to be swept up.
    package let vacuum: VacuumMetrics?

    package init(commits: Histogram, bytes: [String: Int64], vacuum: VacuumMetrics? = nil) {
        self.commits = commits
        self.bytes = bytes
        self.vacuum = vacuum
    }
}

/// How a database keeps up with sweeping away the rows that were changed or deleted (PostgreSQL's VACUUM). None goes that the
/// oldest transaction might still look at.
package struct VacuumMetrics: Sendable, Equatable {
    /// What can hold it back.
    package enum Holder: String, Sendable, CaseIterable {
        /// A transaction that is open.
        case transaction
        /// A transaction that was prepared and neither committed nor rolled back.
        case prepared
        /// A standby, for questions that are asked there.
        case standby
        /// A replication slot, for a standby that may be away.
        case slot
    }

    /// For how long the oldest of each kind has held it back; without an entry none does.
    package let held: [Holder: TimeSpan]
    /// Rows of the queue's table that can be seen, and those that wait to be swept up, as the server estimates them.
    package let liveJobs: Int
    package let deadJobs: Int

    package init(held: [Holder: TimeSpan], liveJobs: Int, deadJobs: Int) {
        self.held = held
        self.liveJobs = liveJobs
        self.deadJobs = deadJobs
    }
}
