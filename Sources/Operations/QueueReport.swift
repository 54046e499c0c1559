package import Domain

/// How the queue is doing, as pages, the JSON API and `pulih queue status` tell it. The names are part of the interface.
package struct QueueReport: Sendable, Encodable {
    /// A job that is ready is taken within a second while a worker is free and the relay takes mail: one that has waited for
    /// longer than this is late.
    package static let late = TimeSpan.minutes(1)

    package struct Count: Sendable, Encodable {
        package let kind: String
        package let state: String
        /// Of done and discarded jobs at most the newest 10,000 are counted.
        package let count: Int
    }

    /// The ready jobs of a class.
    package struct WaitingClass: Sendable, Encodable {
        package let `class`: String
        package let ready: Int
        package let oldestReadyAgeSeconds: Double
    }

    package struct WaitingKind: Sendable, Encodable {
        package let kind: String
        package let oldestReadyAgeSeconds: Double
    }

    package struct Pause: Sendable, Encodable {
        /// `*` stands for every kind.
        package let kind: String
        package let since: Int64
        package let by: String
        package let why: String
    }

    package struct RelayStatus: Sendable, Encodable {
        /// `flowing`, `paused`, `probing` or `unknown`.
        package let state: String
        package let reason: String?
    }

    /// One of the relays, in order of preference.
    package struct Relay: Sendable, Encodable {
        package let name: String
        /// `flowing`, `paused` or `probing`.
        package let state: String
        package let reason: String?
        /// Lanes that send by it now, and those of them that have waited for one answer for a while.
        package let busy: Int
        package let waiting: Int
        package let mailedPerMinute: Double
        /// For how long the token for its login is valid, as far as that is known.
        package let tokenEndsInSeconds: Double?
        /// Why there is no token, or no new one.
        package let tokenFailure: String?

        package var takesMail: Bool { state == "flowing" }
        package var hasToken: Bool { tokenEndsInSeconds != nil || tokenFailure != nil }
    }

    package struct Worker: Sendable, Encodable {
        package let id: String
        package let isAlive: Bool
        package let heartbeatAgeSeconds: Double
        package let relay: String
        package let relayReason: String
        package let lanes: Int
        package let busy: Int
        /// Lanes that have waited for one answer of the relay for a while; nil when none does.
        package let waiting: Int?
        /// The step that most of them wait at.
        package let waitingStage: String?
        /// For how long the first of them does.
        package let waitingSeconds: Double?

        /// Whether nothing but urgent mail can go out.
        package var isHeldUp: Bool { isAlive && waiting.map { $0 >= lanes } ?? false }
    }

    /// Durations in seconds; nil where nothing was counted.
    package struct Durations: Sendable, Encodable {
        package let count: Int
        package let p50: Double?
        package let p95: Double?
        package let p99: Double?

        init(_ distribution: Histogram) {
            count = distribution.count
            p50 = distribution.quantile(0.5)
            p95 = distribution.quantile(0.95)
            p99 = distribution.quantile(0.99)
        }
    }

    /// What happened within the last hour, give or take a slot of five minutes.
    package struct Recent: Sendable, Encodable {
        package let seconds: Double
        package let arrived: Int
        /// By outcome: `mailed`, `refused`, `rejected`, `expired`, `unknown`, `malformed`, `delivered`.
        package let finished: [String: Int]
        /// Now: of the last minute, or of the time since mail began to go out within it.
        package let mailedPerMinute: Double
        /// The same of each class that had any.
        package let mailedPerMinuteByClass: [String: Double]
        /// From creation to the first claim.
        package let wait: Durations
        /// From connection to the relay's answer.
        package let run: Durations
    }

    /// Epoch milliseconds, as all times here.
    package let at: Int64
    package let situation: ServiceStatus
    /// Why the database cannot be written; nil when it can be, or nobody tried.
    package let databaseProblem: String?
    package let counts: [Count]
    package let oldestReadyAgeSeconds: Double?
    package let oldestRunningAgeSeconds: Double?
    package let inFlight: Int
    package let lanes: [WaitingKind]
    /// Classes that have ready jobs, the most urgent first.
    package let classes: [WaitingClass]
    package let pauses: [Pause]
    /// All of them together.
    package let relay: RelayStatus
    package let relays: [Relay]
    /// Applications that are told what happens.
    package let webhooks: [ReceiverReport]
    package let workers: [Worker]
    package let recent: Recent

    /// Reads the report, and tries whether the database can be written.
    package init(of store: any Store, at now: Instant) throws {
        var problem: String?
        do { try store.write { try $0.checkWritable(at: now) } } catch let error as StoreError {
            problem = error.sentence
        }
        let found = problem
        self = try store.read { try QueueReport(of: $0, at: now, databaseProblem: found) }
    }

    package init(
        of transaction: any JobReader & StatisticReader & ApplicationReader, at now: Instant,
        databaseProblem: String? = nil
    ) throws {
        self.init(
            counts: try transaction.queueCounts(), health: try HealthSnapshot(of: transaction, at: now),
            oldestRunning: try transaction.oldestRunning(), oldestByKind: try transaction.oldestReadyByKind(),
            pauses: try transaction.pausedKinds(), statistics: try transaction.statistics(since: now - .hours(1)),
            readyByClass: try transaction.readyByClass(), databaseProblem: databaseProblem,
            mailed: try transaction.latestMailed(since: now - .minutes(1), limit: Self.rateSample),
            webhooks: try ReceiverReport.all(of: transaction, at: now), at: now)
    }

    init(
        counts: [QueueCount], health: HealthSnapshot, oldestRunning: Instant?, oldestByKind: [String: Instant],
        pauses: [PausedKind], statistics: [Statistic], readyByClass: [JobClass: ReadyJobs] = [:],
        databaseProblem: String? = nil, mailed: [MailedJob], webhooks: [ReceiverReport] = [], at now: Instant
    ) {
        at = now.milliseconds
        self.databaseProblem = databaseProblem
        situation =
            databaseProblem == nil
            ? ServiceStatus(
                health, pauses: pauses, oldest: oldestByKind,
                dead: counts.filter { $0.state == .dead }.reduce(0) { $0 + $1.count }, webhooks: webhooks)
            : .databaseUnwritable
        self.counts = counts.map { Count(kind: $0.kind, state: $0.state.rawValue, count: $0.count) }
        oldestReadyAgeSeconds = health.oldestReadyAge?.seconds
        oldestRunningAgeSeconds = oldestRunning.map { max(0, (now - $0).seconds) }
        inFlight = counts.filter { $0.state == .running }.reduce(0) { $0 + $1.count }
        lanes = oldestByKind.sorted { $0.value < $1.value }.map {
            WaitingKind(kind: $0.key, oldestReadyAgeSeconds: max(0, (now - $0.value).seconds))
        }
        classes = JobClass.allCases.compactMap { jobClass in
            readyByClass[jobClass].map { ready in
                WaitingClass(
                    class: jobClass.rawValue, ready: ready.count,
                    oldestReadyAgeSeconds: max(0, (now - ready.oldest).seconds))
            }
        }
        self.pauses = pauses.map {
            Pause(
                kind: $0.kind, since: $0.at.milliseconds, by: Excerpt.of($0.by, atMost: Excerpt.name),
                why: Excerpt.of($0.why, atMost: Excerpt.reply))
        }
        self.webhooks = webhooks
        relay = RelayStatus(health.relay)
        let rate = MailRate(mailed, at: now)
        relays = health.relays.map { relay in
            Relay(
                name: Excerpt.of(relay.name, atMost: Excerpt.name), state: Self.words[relay.state] ?? "",
                reason: relay.reason.isEmpty ? nil : relay.reason, busy: relay.busy, waiting: relay.waiting,
                mailedPerMinute: rate.perMinute { $0.relay == relay.name },
                tokenEndsInSeconds: relay.token?.endsAt.map { max(0, ($0 - now).seconds) },
                tokenFailure: relay.token?.failure.map { Excerpt.of($0, atMost: Excerpt.reply) })
        }
        let aliveWorkers = Set(health.aliveWorkers.map(\.id))
        workers = health.workers.map { worker in
            Worker(
                id: worker.id, isAlive: aliveWorkers.contains(worker.id),
                heartbeatAgeSeconds: max(0, (now - worker.heartbeatAt).seconds), relay: worker.relay,
                relayReason: Excerpt.of(worker.relayReason, atMost: Excerpt.reply), lanes: worker.lanes,
                busy: worker.busy, waiting: worker.waiting?.count, waitingStage: worker.waiting?.stage,
                waitingSeconds: worker.waiting.map { max(0, (now - $0.since).seconds) })
        }
        recent = Recent(
            statistics, since: Statistic.slot(of: now - .hours(1)), rate: rate, at: now)
    }

    /// Mails that a rate is taken from: so many are read at most, however fast they go out.
    private static let rateSample = 1000

    private static let words: [WorkerHeartbeat.Relay.State: String] = [
        .closed: "flowing", .open: "paused", .probing: "probing",
    ]
}

/// Mails a minute, from the latest ones within a minute.
struct MailRate {
    private let mailed: [MailedJob]
    private let seconds: Double

    init(_ mailed: [MailedJob], at now: Instant) {
        self.mailed = mailed
        let first = mailed.map(\.at).min() ?? now
        // A few that happened to be close together make no rate of their own.
        seconds = mailed.count < 10 ? 60 : max(1, (now - first).seconds)
    }

    func perMinute(where isCounted: (MailedJob) -> Bool = { _ in true }) -> Double {
        Double(mailed.count(where: isCounted)) * 60 / seconds
    }

    /// Classes that had any.
    var byClass: [String: Double] {
        Dictionary(
            uniqueKeysWithValues: Set(mailed.map(\.jobClass)).map { jobClass in
                (jobClass.rawValue, perMinute { $0.jobClass == jobClass })
            })
    }
}

extension QueueReport.RelayStatus {
    init(_ relay: HealthSnapshot.RelayStatus) {
        switch relay {
        case .flowing: self.init(state: "flowing", reason: nil)
        case .paused(let reason): self.init(state: "paused", reason: reason)
        case .probing(let reason): self.init(state: "probing", reason: reason)
        case .unknown: self.init(state: "unknown", reason: nil)
        }
    }
}

extension QueueReport.Recent {
    init(_ statistics: [Statistic], since start: Instant, rate: MailRate, at now: Instant) {
        seconds = (now - start).seconds
        func sum(_ name: Statistic.Name) -> Int { statistics.filter { $0.name == name }.reduce(0) { $0 + $1.count } }
        arrived = sum(.arrived)
        finished = statistics.filter { $0.name == .finished }.reduce(into: [:]) { $0[$1.label, default: 0] += $1.count }
        mailedPerMinute = rate.perMinute()
        mailedPerMinuteByClass = rate.byClass
        let mails = statistics.filter { JobKind.isMail($0.kind) }
        wait = QueueReport.Durations(Histogram(mails.filter { $0.name == .waited }))
        run = QueueReport.Durations(Histogram(mails.filter { $0.name == .ran }))
    }
}
