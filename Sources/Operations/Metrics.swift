import Domain
import HTTPServer

/// `/metrics`: what the queue and its workers are like now, for Prometheus.
extension Operations {
    func showMetrics() throws -> Response {
        let now = clock.now()
        let (counts, pulse) = try storage.read { (try $0.queueCounts(), try Pulse(of: $0, at: now)) }
        return .forPrograms(
            Array(Metrics.text(counts, pulse, version: version).utf8), type: "text/plain; version=0.0.4; charset=utf-8")
    }
}

enum Metrics {
    static func text(_ counts: [QueueCount], _ pulse: Pulse, version: String) -> String {
        var exposition = Exposition()
        exposition.gauge(
            "pulih_queue_jobs",
            help: "Jobs in the queue; of those done, and of those discarded, at most the newest "
                + "\(QueueCount.mostFinished) are counted.",
            all(counts).map { count in
                Sample(["kind": count.kind, "state": count.state.rawValue], Double(count.count))
            })
        exposition.gauge(
            "pulih_queue_oldest_ready_age_seconds", help: "How long the oldest ready job has waited; 0 without one.",
            [Sample(pulse.oldestReadyAge?.seconds ?? 0)])
        exposition.gauge(
            "pulih_worker_heartbeat_timestamp_seconds", help: "When each worker last reported.",
            pulse.workers.map { Sample(["worker": $0.id], Double($0.heartbeatAt.milliseconds) / 1000) })
        exposition.gauge(
            "pulih_relay_paused", help: "1 while a worker that is alive keeps mail back because the relay is at fault.",
            [Sample(pulse.relay.isPaused ? 1 : 0)])
        exposition.gauge(
            "pulih_build_info", help: "Always 1; the version is the label.", [Sample(["version": version], 1)])
        return exposition.text
    }

    /// A kind of ours is told of in every state, so that an alert has a series to look at before the first job.
    private static func all(_ counts: [QueueCount]) -> [QueueCount] {
        let known = JobKind.allCases.flatMap { kind in
            JobState.allCases.map { QueueCount(kind: kind.rawValue, state: $0, count: 0) }
        }
        return counts + known.filter { zero in !counts.contains { $0.kind == zero.kind && $0.state == zero.state } }
    }
}
