import Cryptography
import Domain

/// The loop between the queue and the lanes. Used by its own thread alone.
final class Dispatcher {
    /// Looks at the queue at least this often, whatever the wake-ups say.
    private static let pollInterval = Duration.seconds(1)
    /// How long mails under way may take to finish after `stop`; the service as a whole has 15 s to end.
    private static let stopTimeout = TimeSpan.seconds(12)
    /// How long results are gathered at least and at most, while lanes have enough to do: as long as the last commit took. Where
    /// commits take long, as when several machines wait for each other's, each is to settle more.
    private static let gatheringTimes = Duration.milliseconds(2)...Duration.milliseconds(20)
    private static let heartbeatInterval = TimeSpan.seconds(15)
    private static let pruneInterval = TimeSpan.minutes(10)
    /// How often the head of the audit log's chain is told to the log, where who changes the database cannot change it.
    private static let auditInterval = TimeSpan.days(1)
    /// Deliveries claimed per lane, so that a lane has its next ones while results are gathered and committed.
    private static let tasksPerLane = 8

    private let settings: Worker.Settings
    private let queue: DeliveryQueue
    private let store: any Store
    private let equipment: CurrentEquipment
    private let clock: any Clock
    private let random: any RandomSource
    private let logger: any Logger
    private let startedAt: Instant
    private let relays: RelayPool

    private var shares = ClaimShares()
    private var wasWaiting = false
    /// Claims that the lanes hold, and until when each is leased.
    private var leases: [Claim: Instant] = [:]
    /// Results that are not settled yet. They are kept while the store fails.
    private var results: [DeliveryResult] = []
    private var nextHeartbeat: Instant
    private var gatheringTime = gatheringTimes.lowerBound
    private var nextRescue: Instant
    private var nextPruning: Instant
    private var nextAuditHead: Instant

    init(
        settings: Worker.Settings, queue: DeliveryQueue, store: any Store, equipment: CurrentEquipment,
        upkeep: RelayUpkeep, clock: any Clock, random: any RandomSource, logger: any Logger
    ) {
        self.settings = settings
        self.queue = queue
        self.store = store
        self.equipment = equipment
        self.clock = clock
        self.random = random
        self.logger = logger
        startedAt = clock.now()
        relays = RelayPool(
            equipment, upkeep: upkeep, activity: queue.activity, clock: clock, random: random, logger: logger)
        nextHeartbeat = startedAt
        nextRescue = startedAt
        nextPruning = startedAt + Self.pruneInterval
        nextAuditHead = startedAt
    }

    func run() {
        var hasMoreWork = false
        while true {
            let news = queue.nextWake(
                timeout: hasMoreWork ? .zero : Self.pollInterval, gatheringFor: gatheringTime)
            collect(news.results)
            if news.isStopping { break }
            hasMoreWork = runCycle()
        }
        drain()
    }

    /// One cycle over the queue. - Returns: whether to run another one without waiting.
    private func runCycle() -> Bool {
        let now = clock.now()
        if isAuditHeadDue(at: now) { logAuditHead(at: now) }
        defer { queue.admitReserve(by: relays.detour) }
        reportWaiting(at: now)
        relays.refresh(at: now)
        var (allowance, classes) = (allowance(at: now), JobClass.allCases)
        if allowance <= 0, queue.isStalled {
            // Urgent mail does not wait behind a relay that hangs on others.
            (allowance, classes) = (relays.allowance(queue.freeReserve(of: settings.maxLanes), at: now), [.urgent])
        }
        if results.isEmpty && !isHeartbeatDue(at: now) && renewals(at: now).isEmpty {
            guard allowance > 0, hasWork(at: now) else { return false }
        }
        guard let claimed = runTransaction(claiming: allowance, of: classes, at: now) else { return false }
        return claimed > 0 && self.allowance(at: now) > 0
    }

    /// Whether there is anything to claim or to rescue; also where the store cannot say, so that it is asked for more and its
    /// failure is told.
    private func hasWork(at now: Instant) -> Bool {
        if (try? store.readOne { try $0.hasWork(at: now) }) != false { return true }
        guard isRescueDue(at: now) else { return false }
        if (try? store.readOne { try $0.hasLapsed(at: now) }) != false { return true }
        nextRescue = now + rescueInterval
        return false
    }

    /// Reports to operators when senders begin, or cease, to wait for the relay.
    private func reportWaiting(at now: Instant) {
        let isWaiting = queue.activity.waiting != nil
        guard isWaiting != wasWaiting else { return }
        wasWaiting = isWaiting
        nextHeartbeat = now
    }

    private func logAuditHead(at now: Instant) {
        guard let newest = try? store.read({ try $0.auditEvents(AuditFilter(), limit: 1) }) else { return }
        nextAuditHead = now + Self.auditInterval
        guard let head = newest.first, let hash = head.hash else { return }
        logger.log(.info, "audit.head", ["number": "\(head.number)", "hash": AuditChain.text(hash)])
    }

    /// How many jobs to claim now. What is reported is settled in the same commit and leaves its place to another.
    private func allowance(at now: Instant) -> Int {
        let inFlight = leases.count - results.count
        return relays.allowance(settings.lanes * Self.tasksPerLane - inFlight, at: now)
    }

    /// After `stop`: settles what the lanes still bring in.
    private func drain() {
        let deadline = clock.now() + Self.stopTimeout
        while true {
            _ = runTransaction(claiming: 0, at: clock.now())
            let left = deadline - clock.now()
            guard !leases.isEmpty, left > .seconds(0) else { break }
            collect(queue.remainingResults(timeout: min(.milliseconds(left.milliseconds), Self.pollInterval)))
        }
        logger.log(.info, "worker.stopped", ["worker": settings.name, "unfinished": "\(leases.count)"])
    }

    /// Keeps the lanes' results, and what they tell of the relays.
    private func collect(_ brought: [DeliveryResult]) {
        results += brought
        relays.collect(brought)
    }

    /// Settles, promotes, rescues, claims and validates in one commit, and enqueues the deliveries for the lanes.
    /// - Returns: how many jobs were claimed; nil when the store could not do it, and the reports wait.
    private func runTransaction(claiming limit: Int, of classes: [JobClass] = JobClass.allCases, at now: Instant)
        -> Int?
    {
        let cycle = QueueTransaction(
            worker: settings.name, now: now, leaseUntil: now + settings.lease, results: results,
            renewals: renewals(at: now), rescues: isRescueDue(at: now), limit: limit, classes: classes,
            relayTakesMail: relays.takesMail, shares: shares,
            heartbeat: isHeartbeatDue(at: now) ? heartbeat(at: now) : nil,
            pruneBefore: isPruningDue(at: now) ? now - settings.keep : nil)
        let (preparer, random) = (equipment.newest.equipment.preparer, random)
        do {
            let start = ContinuousClock.now
            let outcome = try store.write { try cycle.run(in: $0, preparer: preparer, random: random) }
            let times = Self.gatheringTimes
            gatheringTime = min(max(ContinuousClock.now - start, times.lowerBound), times.upperBound)
            finish(cycle, outcome)
            return outcome.claimed
        } catch {
            let presentable = error as? any PresentableError
            logger.log(
                .error, "queue.unavailable",
                ["reason": presentable?.sentence ?? "unexpected", "detail": presentable?.detail ?? "\(error)"])
            return nil
        }
    }

    private func finish(_ cycle: QueueTransaction, _ outcome: QueueTransaction.Outcome) {
        if cycle.heartbeat != nil {
            nextHeartbeat = cycle.now + Self.heartbeatInterval
            relays.newsWritten()
        }
        if cycle.rescues { nextRescue = cycle.now + rescueInterval }
        if cycle.pruneBefore != nil { nextPruning = outcome.isPruningDue ? cycle.now : cycle.now + Self.pruneInterval }
        for claim in cycle.renewals { leases[claim] = cycle.leaseUntil }
        for delivered in cycle.results { leases[delivered.task.job.claim] = nil }
        for task in outcome.tasks { leases[task.job.claim] = cycle.leaseUntil }
        shares = outcome.shares
        let (assigned, left) = relays.assign(outcome.tasks, at: cycle.now)
        results = left.map { DeliveryResult(task: $0, attempt: nil) }
        queue.enqueue(assigned)
        QueueTransactionLog.write(outcome, to: logger)
    }

    /// Leases with less than two thirds left: a heartbeat every third, and room to miss one.
    private func renewals(at now: Instant) -> [Claim] {
        let threshold = now + .milliseconds(settings.lease.milliseconds * 2 / 3)
        let reported = Set(results.map(\.task.job.claim))
        return leases.filter { $0.value <= threshold && !reported.contains($0.key) }.map(\.key)
    }

    /// Also when it lies further ahead than it can: the clock was set back then.
    private func isHeartbeatDue(at now: Instant) -> Bool {
        relays.hasNews || nextHeartbeat <= now || nextHeartbeat > now + Self.heartbeatInterval
    }

    /// Whoever fell silent has been for the length of a lease; some more does no harm. While a transaction is open somewhere
    /// PostgreSQL keeps every lease that ever was, and a look walks over all of them.
    private var rescueInterval: TimeSpan { .milliseconds(settings.lease.milliseconds / 20) }

    private func isRescueDue(at now: Instant) -> Bool {
        nextRescue <= now || nextRescue > now + rescueInterval
    }

    private func isPruningDue(at now: Instant) -> Bool {
        nextPruning <= now || nextPruning > now + Self.pruneInterval
    }

    private func isAuditHeadDue(at now: Instant) -> Bool {
        nextAuditHead <= now || nextAuditHead > now + Self.auditInterval
    }

    private func heartbeat(at now: Instant) -> WorkerHeartbeat {
        let relay = relays.overall
        return WorkerHeartbeat(
            id: settings.name, startedAt: startedAt, heartbeatAt: now, relay: relay.state.rawValue,
            relayReason: relay.reason, lanes: settings.lanes, busy: queue.activity.busy,
            waiting: queue.activity.waiting.map { waiting in
                .init(
                    count: waiting.count, stage: waiting.stage,
                    since: now - .milliseconds(Int64(waiting.time / .milliseconds(1))))
            }, relays: relays.members)
    }
}
