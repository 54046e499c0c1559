import Domain

/// What `pulih queue status` tells.
struct QueueStatus: Encodable {
    struct Count: Encodable {
        let kind: String
        let state: String
        let count: Int
    }

    struct Worker: Encodable {
        let id: String
        let heartbeatAgeSeconds: Double
        let relay: String
        let relayReason: String
        let lanes: Int
        let busy: Int
    }

    /// What the store knows.
    struct Facts: Sendable {
        let counts: [QueueCount]
        let oldestReady: Instant?
        let workers: [WorkerStanding]

        init(of store: any Reading) throws {
            counts = try store.queueCounts()
            oldestReady = try store.oldestReady()
            workers = try store.workers()
        }
    }

    let counts: [Count]
    let oldestReadyAgeSeconds: Double?
    let workers: [Worker]

    init(_ facts: Facts, at now: Instant) {
        counts = facts.counts.map { Count(kind: $0.kind, state: $0.state.rawValue, count: $0.count) }
        oldestReadyAgeSeconds = facts.oldestReady.map { max(0, (now - $0).seconds) }
        workers = facts.workers.map { worker in
            Worker(
                id: worker.id, heartbeatAgeSeconds: max(0, (now - worker.heartbeatAt).seconds), relay: worker.relay,
                relayReason: worker.relayReason, lanes: worker.lanes, busy: worker.busy)
        }
    }

    var text: String {
        let kinds = Set(counts.map(\.kind)).sorted()
        let states = JobState.allCases.map(\.rawValue)
        let rows = kinds.map { kind in
            [kind] + states.map { state in "\(counts.first { $0.kind == kind && $0.state == state }?.count ?? 0)" }
        }
        var lines = [
            kinds.isEmpty ? "The queue is empty." : TextTable.rows(["KIND"] + states.map { $0.uppercased() }, rows)
        ]
        lines.append(
            "Oldest ready job: " + (oldestReadyAgeSeconds.map { "waiting for \(Self.seconds($0))" } ?? "none"))
        if workers.isEmpty { lines.append("Workers: none has reported") }
        for worker in workers {
            let relay = worker.relay == "closed" ? "relay fine" : "relay paused: \(worker.relayReason)"
            lines.append(
                "Worker \(worker.id): heartbeat \(Self.seconds(worker.heartbeatAgeSeconds)) ago, "
                    + "\(worker.busy) of \(worker.lanes) lanes busy, \(relay)")
        }
        return lines.joined(separator: "\n")
    }

    private static func seconds(_ seconds: Double) -> String {
        let whole = Int(seconds)
        return whole < 120 ? "\(whole) s" : whole < 7200 ? "\(whole / 60) min" : "\(whole / 3600) h"
    }
}
