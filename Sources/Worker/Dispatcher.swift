import Cryptography
import Domain

/// The loop that stands between the queue and the lanes. Used by its own thread alone.
final class Dispatcher {
    /// Looks at the queue at least this often, whatever the wake-ups say.
    private static let poll = Duration.seconds(1)
    /// How long mails under way may take to finish after `stop`; the service as a whole has 15 s to end.
    private static let grace = Span.seconds(12)
    private static let heartbeatInterval = Span.seconds(15)
    private static let pruneInterval = Span.minutes(10)
    /// How often the head of the audit log's chain is told to the log, where who changes the database cannot change it.
    private static let auditInterval = Span.days(1)
    /// Errands claimed for each lane: one that finishes finds its next while the commit is still under way.
    private static let errandsPerLane = 2

    private let settings: Worker.Settings
    private let floor: Floor
    private let storage: any Storage
    private let preparation: Preparation
    private let clock: any Clock
    private let random: any RandomSource
    private let journal: any Journal
    private let startedAt: Instant

    private var breaker = CircuitBreaker()
    /// Claims in the lanes' hands, and until when each is leased.
    private var leases: [Claim: Instant] = [:]
    /// Reports that are not settled yet: the store may be out of order for a while, and none may be forgotten.
    private var reports: [Report] = []
    private var nextHeartbeat: Instant
    private var nextPruning: Instant
    private var nextAuditHead: Instant

    init(
        settings: Worker.Settings, floor: Floor, storage: any Storage, preparation: Preparation, clock: any Clock,
        random: any RandomSource, journal: any Journal
    ) {
        self.settings = settings
        self.floor = floor
        self.storage = storage
        self.preparation = preparation
        self.clock = clock
        self.random = random
        self.journal = journal
        startedAt = clock.now()
        nextHeartbeat = startedAt
        nextPruning = startedAt + Self.pruneInterval
        nextAuditHead = startedAt
    }

    func run() {
        var isMoreToDo = false
        while true {
            let news = floor.news(timeout: isMoreToDo ? .zero : Self.poll)
            take(news.reports)
            if news.isStopping { break }
            isMoreToDo = step()
        }
        drain()
    }

    /// One look at the queue. - Returns: whether to look again at once.
    private func step() -> Bool {
        let now = clock.now()
        if isAuditHeadDue(at: now) { tellAuditHead(at: now) }
        let allowance = allowance(at: now)
        if reports.isEmpty && !isHeartbeatDue(at: now) && renewals(at: now).isEmpty {
            guard allowance > 0, (try? storage.read { try $0.hasWork(at: now) }) != false else { return false }
        }
        guard let claimed = turn(claiming: allowance, at: now) else { return false }
        return claimed > 0 && self.allowance(at: now) > 0
    }

    private func tellAuditHead(at now: Instant) {
        guard let newest = try? storage.read({ try $0.auditEvents(AuditFilter(), limit: 1) }) else { return }
        nextAuditHead = now + Self.auditInterval
        guard let head = newest.first, let hash = head.hash else { return }
        journal.note(.info, "audit.head", ["number": "\(head.number)", "hash": AuditChain.text(hash)])
    }

    /// How many jobs to claim now. What is reported is settled in the same commit and leaves its place to another.
    private func allowance(at now: Instant) -> Int {
        let underWay = leases.count - reports.count
        return breaker.allowance(settings.lanes * Self.errandsPerLane - underWay, at: now)
    }

    /// After `stop`: settles what the lanes still bring in.
    private func drain() {
        let deadline = clock.now() + Self.grace
        while true {
            _ = turn(claiming: 0, at: clock.now())
            let left = deadline - clock.now()
            guard !leases.isEmpty, left > .seconds(0) else { break }
            take(floor.lastReports(timeout: min(.milliseconds(left.milliseconds), Self.poll)))
        }
        journal.note(.info, "worker.stopped", ["worker": settings.name, "unfinished": "\(leases.count)"])
    }

    /// Notes what the lanes bring, and what it says of the relay.
    private func take(_ brought: [Report]) {
        reports += brought
        let before = breaker.state
        for delivery in brought.compactMap(\.trial?.delivery) {
            switch delivery.verdict {
            case .delivered, .temporary, .permanent: breaker.succeeded()
            // A relay that takes a body and never answers is not well either.
            case .relayFault, .unknown:
                breaker.failed(at: clock.now(), reason: delivery.explanation, random: random.unit())
            }
        }
        guard before != breaker.state else { return }
        nextHeartbeat = clock.now()
        switch breaker.state {
        case .closed: journal.note(.info, "relay.resumed", [:])
        case .open(let until):
            journal.note(
                .warning, "relay.paused",
                [
                    "seconds": "\((until - clock.now()).seconds)", "faults": "\(breaker.faults)",
                    "reason": breaker.reason,
                ])
        case .probing: break
        }
    }

    /// Settles, promotes, reaps, claims and validates in one commit, and hands the errands to the lanes.
    /// - Returns: how many jobs were claimed; nil when the store could not do it, and the reports wait.
    private func turn(claiming limit: Int, at now: Instant) -> Int? {
        let turn = Turn(
            worker: settings.name, now: now, leaseUntil: now + settings.lease, reports: reports,
            renewals: renewals(at: now), limit: limit, heartbeat: isHeartbeatDue(at: now) ? standing(at: now) : nil,
            pruneBefore: isPruningDue(at: now) ? now - settings.keep : nil)
        let (preparation, random) = (preparation, random)
        do {
            let result = try storage.write { try turn.run(in: $0, preparation: preparation, random: random) }
            finish(turn, result)
            return result.claimed
        } catch {
            let fault = error as? any Fault
            journal.note(
                .error, "queue.unavailable",
                ["reason": fault?.sentence ?? "unexpected", "detail": fault?.detail ?? "\(error)"])
            return nil
        }
    }

    private func finish(_ turn: Turn, _ result: Turn.Result) {
        if turn.heartbeat != nil { nextHeartbeat = turn.now + Self.heartbeatInterval }
        if turn.pruneBefore != nil { nextPruning = result.isPruningDue ? turn.now : turn.now + Self.pruneInterval }
        for claim in turn.renewals { leases[claim] = turn.leaseUntil }
        for report in turn.reports { leases[report.errand.job.claim] = nil }
        for errand in result.errands { leases[errand.job.claim] = turn.leaseUntil }
        reports = []
        if result.claimed > 0 {
            breaker.claimed()
            // What was refused or has expired never met the relay: the next job is the probe.
            if result.errands.isEmpty { breaker.probeSpared(at: turn.now) }
        }
        floor.hand(out: result.errands)
        TurnLog.tell(result, to: journal)
    }

    /// Leases with less than two thirds left: a heartbeat every third, and room to miss one.
    private func renewals(at now: Instant) -> [Claim] {
        let threshold = now + .milliseconds(settings.lease.milliseconds * 2 / 3)
        let reported = Set(reports.map(\.errand.job.claim))
        return leases.filter { $0.value <= threshold && !reported.contains($0.key) }.map(\.key)
    }

    /// Also when it lies further ahead than it can: the clock was set back then.
    private func isHeartbeatDue(at now: Instant) -> Bool {
        nextHeartbeat <= now || nextHeartbeat > now + Self.heartbeatInterval
    }

    private func isPruningDue(at now: Instant) -> Bool {
        nextPruning <= now || nextPruning > now + Self.pruneInterval
    }

    private func isAuditHeadDue(at now: Instant) -> Bool {
        nextAuditHead <= now || nextAuditHead > now + Self.auditInterval
    }

    private func standing(at now: Instant) -> WorkerStanding {
        let relay =
            switch breaker.state {
            case .closed: "closed"
            case .open: "open"
            case .probing: "probing"
            }
        return WorkerStanding(
            id: settings.name, startedAt: startedAt, heartbeatAt: now, relay: relay, relayReason: breaker.reason,
            lanes: settings.lanes, busy: floor.busy)
    }
}
