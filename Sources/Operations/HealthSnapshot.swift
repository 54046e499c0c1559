import Domain

/// What shows whether the service is alive: read at one moment, judged as of that moment.
struct HealthSnapshot: Sendable {
    /// A worker reports every 15 s; one that missed four reports is counted as gone.
    static let heartbeatLimit = TimeSpan.seconds(60)
    /// A job that is ready is taken within a second while a worker lives and the relay answers.
    static let waitLimit = TimeSpan.minutes(5)

    let now: Instant
    let workers: [WorkerHeartbeat]
    private let oldestReady: Instant?

    init(of transaction: any JobReader, at now: Instant) throws {
        self.init(workers: try transaction.workers(), oldestReady: try transaction.oldestReady(), at: now)
    }

    init(workers: [WorkerHeartbeat], oldestReady: Instant?, at now: Instant) {
        self.workers = workers
        self.oldestReady = oldestReady
        self.now = now
    }

    /// Workers that have lately reported.
    /// Lanes of all workers that wait for the relay, the step of the one that waits longest, and for how long it does.
    var waiting: (count: Int, stage: String, time: TimeSpan)? {
        let waiting = aliveWorkers.compactMap(\.waiting)
        guard let first = waiting.min(by: { $0.since < $1.since }) else { return nil }
        return (waiting.reduce(0) { $0 + $1.count }, first.stage, now - first.since)
    }

    /// Whether every lane waits for the relay.
    var isHeldUp: Bool {
        !aliveWorkers.isEmpty
            && aliveWorkers.allSatisfy { worker in worker.waiting.map { $0.count >= worker.lanes } ?? false }
    }

    var aliveWorkers: [WorkerHeartbeat] { workers.filter { now - $0.heartbeatAt < Self.heartbeatLimit } }

    /// How long the job that has been ready longest has waited; nil when none is ready.
    var oldestReadyAge: TimeSpan? { oldestReady.map { max(now - $0, .seconds(0)) } }

    /// The relay, as the workers that are alive see it.
    enum RelayStatus: Sendable, Equatable {
        case flowing
        case paused(reason: String)
        /// After a pause one mail is out to see whether the relay is back.
        case probing(reason: String)
        /// No worker is alive to tell.
        case unknown

        var isPaused: Bool {
            switch self {
            case .paused, .probing: true
            case .flowing, .unknown: false
            }
        }
    }

    /// Each worker judges the relay for itself; one that has paused is what operators must hear of.
    var relay: RelayStatus {
        guard !aliveWorkers.isEmpty else { return .unknown }
        guard
            let worker = aliveWorkers.first(where: { $0.relay == "open" })
                ?? aliveWorkers.first(where: { $0.relay != "closed" })
        else { return .flowing }
        let reason = Excerpt.of(worker.relayReason, atMost: Excerpt.reply)
        return worker.relay == "probing" ? .probing(reason: reason) : .paused(reason: reason)
    }
}
