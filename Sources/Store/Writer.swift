import Domain
import SQL
import Threading

/// The one thread that writes. Writes that arrive while a commit is under way share the next one, each in a savepoint of
/// its own, so one fsync pays for all of them and one that fails undoes only itself. One that came alone needs none.
final class Writer: Sendable {
    /// One write of one caller.
    private struct PendingWrite: Sendable {
        /// Runs inside the transaction, in a savepoint or as all that there is in it.
        /// - Returns: what it failed with.
        let run: @Sendable (StoreTransaction, _ isAlone: Bool) -> (any Error)?
        /// Tells the caller: nil after the commit, or what kept it from happening.
        let finish: @Sendable ((any Error)?) -> Void
    }

    private struct Queue: Sendable {
        var work: [PendingWrite] = []
        var isClosed = false
        /// Since when the commit that is under way is; nil when none is.
        var busySince: ContinuousClock.Instant?
    }

    /// What a caller waits on.
    private struct PendingResult<Result: Sendable>: Sendable {
        /// What the body answered; worth nothing before the commit.
        var tentative: Swift.Result<Result, any Error>?
        var settled: Swift.Result<Result, any Error>?
        /// Nobody waits any more; what has not begun does not begin.
        var isWithdrawn = false
    }

    /// More than this in one commit makes the first caller wait for the last without saving anything.
    private static let maximumWritesPerCommit = 256

    private let queue = Monitor(Queue())
    private let durations = Monitor(Histogram())
    private let patience: Duration?
    private let thread: Thread

    /// - Parameters:
    ///   - patience: how long a caller waits for its commit; nil for as long as it takes.
    ///   - open: opens the writing side of the engine, on the writer's own thread.
    ///   - onEnqueue: called after a commit that made jobs ready.
    init(
        _ queries: Queries, patience: Duration?, open: @escaping @Sendable () throws -> any EngineWriter,
        onEnqueue: @escaping @Sendable () -> Void
    ) throws {
        self.patience = patience
        let (queue, durations) = (queue, durations)
        let opened = Monitor<Result<Void, any Error>?>(nil)
        thread = Thread(name: "pulih-writer") {
            do {
                let writer = try open()
                opened.withLock { $0 = .success(()) }
                Self.run(queue, durations, writer, queries, onEnqueue)
            } catch {
                opened.withLock { $0 = .failure(error) }
            }
        }
        let result: Result<Void, any Error>? = opened.wait { $0 }
        try result?.get()
    }

    /// Runs `body` in a transaction and returns after its commit.
    /// - Throws: `AnswerOverdue`: the commit took longer than anybody waits, and may still happen.
    func perform<Result: Sendable>(_ body: @escaping @Sendable (StoreTransaction) throws -> Result) throws -> Result {
        let call = Monitor(PendingResult<Result>())
        let work = PendingWrite(
            run: { session, isAlone in
                // Whoever waits can go on only when it is settled.
                guard !call.withLock(waking: 0, { $0.isWithdrawn }) else { return nil }
                let counted = session.pendingStatistics
                let result = Swift.Result {
                    try isAlone ? body(session) : session.connection.savepoint { try body(session) }
                }
                call.withLock(waking: 0) { $0.tentative = result }
                guard case .failure(let error) = result else { return nil }
                // What a failed write had counted is undone with it.
                session.pendingStatistics = counted
                session.subscriptions = nil
                session.auditEnd = nil
                return error
            },
            finish: { failure in
                call.withLock(waking: 1) { $0.settled = failure.map { .failure($0) } ?? $0.tentative }
            })
        try enqueue(work)
        let settled = call.wait(timeout: patience) { $0.settled }
        return try (settled ?? call.withLock { Self.withdraw(&$0, patience ?? .zero) }).get()
    }

    private func enqueue(_ work: PendingWrite) throws {
        try queue.withLock { queue in
            guard !queue.isClosed else {
                throw StoreError(
                    sentence: "The service is shutting down; please try again.", detail: "the writer is closed")
            }
            // Behind a commit that nobody waits for any more, one would wait in vain.
            if let patience, let start = queue.busySince, ContinuousClock.now - start > patience {
                throw AnswerOverdue(patience: patience)
            }
            queue.work.append(work)
        }
    }

    private static func withdraw<Result>(
        _ call: inout PendingResult<Result>, _ patience: Duration
    ) -> Swift.Result<Result, any Error> {
        if let settled = call.settled { return settled }
        call.isWithdrawn = true
        return .failure(AnswerOverdue(patience: patience))
    }

    /// How long each commit took.
    var commits: Histogram { durations.withLock { $0 } }

    /// Writes handed in that no commit has taken up yet.
    var waiting: Int { queue.withLock { $0.work.count } }

    /// Finishes what was handed in, then ends the thread.
    func close() {
        queue.withLock { $0.isClosed = true }
        thread.join()
    }

    private static func run(
        _ queue: Monitor<Queue>, _ durations: Monitor<Histogram>, _ writer: any EngineWriter, _ queries: Queries,
        _ onEnqueue: @Sendable () -> Void
    ) {
        let session = StoreTransaction(writer.connection, queries)
        while let batch = nextBatch(queue) {
            session.begin()
            do {
                try writer.commit {
                    let start = ContinuousClock.now
                    try commit(batch, session)
                    let seconds = (ContinuousClock.now - start) / .seconds(1)
                    durations.withLock { $0.add(seconds) }
                }
                for work in batch { work.finish(nil) }
                if session.didEnqueue { onEnqueue() }
                writer.afterCommit()
            } catch {
                for work in batch { work.finish(error) }
            }
        }
    }

    /// Waits for work; nil when there will be no more.
    private static func nextBatch(_ queue: Monitor<Queue>) -> [PendingWrite]? {
        let batch: [PendingWrite]? = queue.wait { queue in
            queue.busySince = nil
            guard !queue.work.isEmpty else { return queue.isClosed ? [] : nil }
            let batch = Array(queue.work.prefix(maximumWritesPerCommit))
            queue.work.removeFirst(batch.count)
            queue.busySince = .now
            return batch
        }
        return batch?.isEmpty == false ? batch : nil
    }

    private static func commit(_ batch: [PendingWrite], _ session: StoreTransaction) throws {
        try session.connection.transaction {
            for work in batch {
                let failure = work.run(session, batch.count == 1)
                // On a full disk SQLite rolls back everything, and a server that is lost does too: nothing in this batch was
                // committed.
                guard session.connection.isInTransaction else {
                    throw TransactionLost(isUnreachable: session.connection.isBroken)
                }
                if let failure, batch.count == 1 { throw failure }
            }
            try session.flushStatistics()
        }
    }
}

/// The engine rolled the whole transaction back by itself, or is not reached any more.
struct TransactionLost: Error {
    let isUnreachable: Bool
}

/// The database did not answer while anybody waited; a commit that is under way may still happen.
struct AnswerOverdue: Error {
    let patience: Duration
}
