package import Domain
import HTTPServer

/// `/metrics`: how the queue, its workers and the database are doing, for Prometheus.
extension Operations {
    func showMetrics() throws -> Response {
        let metrics = try Metrics(of: store, at: clock.now(), version: version)
        return .machineReadable(Array(metrics.text.utf8), type: "text/plain; version=0.0.4; charset=utf-8")
    }
}

/// All metrics for Prometheus, read at one moment. Every series that can come later is there from the start, as 0:
/// an alert has something to look at, and the first increase of a counter is seen as one.
package struct Metrics: Sendable {
    /// Stands for every kind of job that is not ours: what other programs invent must not become ever more series.
    static let otherKind = "other"
    private static let kinds = JobKind.allCases.map(\.rawValue) + [otherKind]
    /// Each start of a worker is a name of its own, kept for a day; these are the ones that reported last.
    private static let mostWorkers = 20

    private let health: HealthSnapshot
    private let counts: [QueueCount]
    private let oldestReady: [String: Instant]
    private let oldestRunning: Instant?
    private let readyByClass: [JobClass: ReadyJobs]
    private let pauses: Set<String>
    private let webhooks: [ReceiverReport]
    private let totals: StatisticTotals
    private let storeMetrics: StoreMetrics
    private let clockOffset: TimeSpan
    private let version: String

    package init(of store: any Store, at now: Instant, version: String) throws {
        (health, counts, oldestReady, oldestRunning, readyByClass, pauses, webhooks, totals) = try store.read {
            transaction in
            let oldestReady = try transaction.oldestReadyByKind()
            return (
                HealthSnapshot(workers: try transaction.workers(), oldestReady: try transaction.oldestReady(), at: now),
                try transaction.queueCounts(), oldestReady, try transaction.oldestRunning(),
                try transaction.readyByClass(),
                Set(try transaction.pausedKinds().map(\.kind)), try ReceiverReport.all(of: transaction, at: now),
                StatisticTotals(try transaction.totals())
            )
        }
        storeMetrics = store.metrics
        clockOffset = store.clockOffset
        self.version = version
    }

    package var text: String {
        var exposition = Exposition()
        writeQueue(&exposition)
        writeJobs(&exposition)
        writeRelay(&exposition)
        writeWaiting(&exposition)
        writeWebhooks(&exposition)
        writeApplications(&exposition)
        writeService(&exposition)
        return exposition.text
    }

    static func kind(_ kind: String) -> String { JobKind(rawValue: kind) == nil ? otherKind : kind }

    private static func forEachKind(_ value: (String) -> Int) -> [Sample] {
        kinds.map { Sample(["kind": $0], value($0)) }
    }

    private func writeQueue(_ exposition: inout Exposition) {
        exposition.gauge(
            "pulih_queue_jobs",
            help: "Jobs in the queue; of those done, and of those discarded, at most the newest "
                + "\(QueueCount.mostFinished) are counted.",
            Self.kinds.flatMap { kind in
                JobState.allCases.map { state in
                    let these = counts.filter { Self.kind($0.kind) == kind && $0.state == state }
                    return Sample(["kind": kind, "state": state.rawValue], these.reduce(0) { $0 + $1.count })
                }
            })
        exposition.gauge(
            "pulih_queue_oldest_ready_age_seconds",
            help: "For how long the job that has been ready longest is; 0 without one.",
            Self.kinds.map { kind in
                Sample(["kind": kind], age(oldestReady.filter { Self.kind($0.key) == kind }.values.min()))
            })
        exposition.gauge(
            "pulih_queue_ready_jobs", help: "Ready jobs by class: urgent ones are claimed first.",
            JobClass.allCases.map { Sample(["class": $0.rawValue], readyByClass[$0]?.count ?? 0) })
        exposition.gauge(
            "pulih_queue_class_oldest_ready_age_seconds",
            help: "For how long the job of a class that has been ready longest is; 0 without one.",
            JobClass.allCases.map { Sample(["class": $0.rawValue], age(readyByClass[$0]?.oldest)) })
        exposition.gauge(
            "pulih_queue_oldest_running_age_seconds",
            help: "For how long the job that was claimed first has been with its worker; 0 without one.",
            [Sample([:], age(oldestRunning))])
        exposition.gauge(
            "pulih_lane_paused", help: "1 while an operator keeps jobs of this kind from being claimed.",
            (Self.kinds + [PausedKind.everything]).map { lane in
                let isPaused = pauses.contains { $0 == lane || $0 != PausedKind.everything && Self.kind($0) == lane }
                return Sample(["kind": lane], isPaused ? 1 : 0)
            })
    }

    private func age(_ since: Instant?) -> Double { since.map { max(0, (health.now - $0).seconds) } ?? 0 }

    private func writeJobs(_ exposition: inout Exposition) {
        exposition.counter(
            "pulih_jobs_arrived_total", help: "Jobs that came into the queue.",
            Self.forEachKind { totals.count(.arrived, kind: $0) })
        exposition.counter(
            "pulih_jobs_finished_total", help: "Jobs that ended, by what became of them.",
            Self.kinds.flatMap { kind in
                Settlement.Outcome.allCases.map { outcome in
                    Sample(
                        ["kind": kind, "outcome": outcome.rawValue],
                        totals.count(.finished, kind: kind, label: outcome.rawValue))
                }
            })
        exposition.counter(
            "pulih_jobs_bounced_total", help: "Jobs whose mail the relay took and that came back later.",
            Self.forEachKind { totals.count(.bounced, kind: $0) })
        exposition.histogram(
            "pulih_job_wait_seconds", help: "From a job's creation to its first claim.",
            Self.kinds.map { (["kind": $0], totals.durations(.waited, kind: $0)) })
        exposition.histogram(
            "pulih_job_run_seconds", help: "From the beginning of an attempt to the relay's last answer.",
            Self.kinds.map { (["kind": $0], totals.durations(.ran, kind: $0)) })
        exposition.counter(
            "pulih_job_retries_total", help: "Attempts that were in vain and are repeated.",
            ["temporary", "unknown"].map { Sample(["reason": $0], totals.count(.retried, label: $0)) })
        exposition.counter(
            "pulih_lease_expired_total", help: "Jobs taken back from workers that had fallen silent.",
            [Sample([:], totals.count(.lapsed))])
        exposition.counter(
            "pulih_fenced_writes_total", help: "Results that came after the job had been given to another worker.",
            [Sample([:], totals.count(.fenced))])
    }

    private func writeRelay(_ exposition: inout Exposition) {
        exposition.gauge(
            "pulih_relay_paused", help: "1 while a worker that is alive keeps mail back because no relay takes it.",
            [Sample([:], health.relay.isPaused ? 1 : 0)])
        writeRelays(&exposition)
        exposition.counter(
            "pulih_smtp_replies_total", help: "Attempts by the step they ended at and the class of the relay's reply.",
            totals.replies.map { Sample(["stage": $0.stage, "class": $0.class], $0.count) })
        exposition.counter(
            "pulih_smtp_ambiguous_total", help: "Mails that went out and were not answered: delivered or not.",
            [Sample([:], totals.count(.ambiguous))])
        exposition.counter(
            "pulih_smtp_connections_total", help: "Attempts by whether their connection had carried a mail before.",
            [("true", "reused"), ("false", "new")].map { reused, label in
                Sample(["reused": reused], totals.count(.connected, label: label))
            })
    }

    private func writeRelays(_ exposition: inout Exposition) {
        let relays = health.relays
        exposition.gauge(
            "pulih_relay_at_fault", help: "1 while a worker that is alive sends no mail by this relay.",
            relays.map { Sample(["relay": $0.name], $0.state == .closed ? 0 : 1) })
        exposition.gauge(
            "pulih_relay_fallback", help: "1 while another relay takes the mail of the preferred one.",
            [Sample([:], health.fallback == nil ? 0 : 1)])
        exposition.gauge(
            "pulih_relay_busy_lanes", help: "Lanes that send by this relay now.",
            relays.map { Sample(["relay": $0.name], $0.busy) })
        exposition.counter(
            "pulih_relay_attempts_total", help: "Attempts by relay and by what became of them.",
            (Set(relays.map(\.name)).union(totals.relays)).sorted().flatMap { relay in
                Delivery.Outcome.allCases.map { outcome in
                    Sample(
                        ["outcome": outcome.rawValue, "relay": relay],
                        totals.count(.attempted, label: "\(outcome.rawValue)/\(relay)"))
                }
            })
        let tokens = relays.compactMap { relay in relay.token.map { (relay.name, $0) } }
        exposition.gauge(
            "pulih_relay_token_failing",
            help: "1 while the token for the login at this relay cannot be had or renewed.",
            tokens.map { Sample(["relay": $0], $1.failure == nil ? 0 : 1) })
        exposition.gauge(
            "pulih_relay_token_expiry_timestamp_seconds",
            help: "When the token for the login at this relay ends; 0 where that is not known.",
            tokens.map { Sample(["relay": $0], $1.endsAt.map { Double($0.milliseconds) / 1000 } ?? 0) })
    }

    private func writeWaiting(_ exposition: inout Exposition) {
        exposition.gauge(
            "pulih_relay_waiting_lanes", help: "Lanes that have waited for one answer of the relay for a while.",
            [Sample([:], health.waiting?.count ?? 0)])
        exposition.gauge(
            "pulih_relay_waiting_seconds", help: "For how long the first of them waits; 0 without one.",
            [Sample([:], health.waiting?.time.seconds ?? 0)])
    }

    private func writeWebhooks(_ exposition: inout Exposition) {
        func samples(_ value: (ReceiverReport) -> Double) -> [Sample] {
            webhooks.map { Sample(["application": $0.application], value($0)) }
        }
        exposition.gauge(
            "pulih_webhook_waiting", help: "Events for this application that are not delivered yet.",
            samples { Double($0.waiting) })
        exposition.gauge(
            "pulih_webhook_dead", help: "Events for this application that were given up.", samples { Double($0.dead) })
        exposition.gauge(
            "pulih_webhook_off", help: "1 while this application is told nothing, since it answered 410.",
            samples { $0.isOff ? 1 : 0 })
        exposition.gauge(
            "pulih_webhook_failing_seconds",
            help:
                "For how long every attempt to tell this application something has failed; 0 when the latest did not.",
            samples { $0.failingSeconds ?? 0 })
    }

    private func writeApplications(_ exposition: inout Exposition) {
        exposition.counter(
            "pulih_application_logins_total", help: "Logins at applications that log in with Pulih.",
            totals.applications.map { Sample(["application": $0], totals.count(.loggedIn, label: $0)) })
    }

    private func writeService(_ exposition: inout Exposition) {
        exposition.gauge(
            "pulih_worker_heartbeat_timestamp_seconds", help: "When each worker last reported.",
            health.workers.prefix(Self.mostWorkers).map { worker in
                Sample(["worker": worker.id], Double(worker.heartbeatAt.milliseconds) / 1000)
            })
        exposition.histogram(
            "pulih_db_commit_seconds", help: "Commits of this process, from their beginning to the disk.",
            [([:], storeMetrics.commits)])
        exposition.gauge(
            "pulih_db_bytes", help: "The size of the database's files.",
            storeMetrics.bytes.sorted { $0.key < $1.key }.map { Sample(["file": $0.key], Double($0.value)) })
        exposition.gauge(
            "pulih_db_clock_offset_seconds",
            help: "By how much the database server's clock is ahead of this machine's; 0 where it has none of its own.",
            [Sample([:], clockOffset.seconds)])
        writeVacuum(&exposition)
        exposition.gauge(
            "pulih_build_info", help: "Always 1; the version is the label.", [Sample(["version": version], 1)])
    }

    private func writeVacuum(_ exposition: inout Exposition) {
        guard let vacuum = storeMetrics.vacuum else { return }
        exposition.gauge(
            "pulih_db_vacuum_held_seconds",
            help: "For how long the oldest of its kind has kept the server from sweeping up dead rows; 0 without one.",
            VacuumMetrics.Holder.allCases.map { Sample(["holder": $0.rawValue], vacuum.held[$0]?.seconds ?? 0) })
        exposition.gauge(
            "pulih_db_job_live_rows", help: "Rows of the queue's table, as the server estimates them.",
            [Sample([:], vacuum.liveJobs)])
        exposition.gauge(
            "pulih_db_job_dead_rows", help: "Rows of the queue's table that are gone and not swept up yet.",
            [Sample([:], vacuum.deadJobs)])
    }
}
