import Domain
import HTTPServer

/// `/readyz`: whether requests that come in now would be worked on, and if not, why not and what to do.
extension Operations {
    func showReadiness() throws -> Response {
        let now = clock.now()
        let writeError = storeError { try store.write { try $0.checkWritable(at: now) } }
        var snapshot: (health: HealthSnapshot, pauses: [PausedKind])?
        let readError = storeError {
            snapshot = try store.read { (try HealthSnapshot(of: $0, at: now), try $0.pausedKinds()) }
        }
        let readiness = Readiness(snapshot, error: writeError ?? readError)
        return try .encoded(readiness, status: readiness.isReady ? 200 : 503)
    }

    /// What goes wrong with the storage is one of the answers here.
    private func storeError(_ body: () throws -> Void) -> StoreError? {
        do {
            try body()
            return nil
        } catch {
            let error = error as? StoreError ?? StoreError(sentence: "The database failed.", detail: "\(error)")
            logger.log(error)
            return error
        }
    }
}

struct Readiness: Sendable, Equatable, Encodable {
    struct Check: Sendable, Equatable, Encodable {
        let ok: Bool
        let reason: String
        /// What an operator can do about it; nil when there is nothing to do.
        let action: String?

        static func passed(_ reason: String) -> Check { Check(ok: true, reason: reason, action: nil) }
        static func failed(_ reason: String, _ action: String) -> Check {
            Check(ok: false, reason: reason, action: action)
        }
    }

    let status: String
    let checks: [String: Check]

    var isReady: Bool { checks.values.allSatisfy(\.ok) }

    /// - Parameters:
    ///   - snapshot: nil when the database could not be read.
    ///   - error: why it could not be written or read.
    init(_ snapshot: (health: HealthSnapshot, pauses: [PausedKind])?, error: StoreError?) {
        let unknown = Check.failed("not known: the database cannot be read", "See to the database first.")
        checks = [
            "database": error.map {
                .failed($0.sentence, "See the log for storage.failed; free space, rights and locks.")
            }
                ?? .passed("it can be written"),
            "worker": snapshot.map { Self.worker($0.health) } ?? unknown,
            "queue": snapshot.map { Self.queue($0.health) } ?? unknown,
            "relay": snapshot.map { Self.relay($0.health) } ?? unknown,
            "lanes": snapshot.map { Self.lanes($0.pauses) } ?? unknown,
        ]
        status = checks.values.allSatisfy(\.ok) ? "ok" : "unavailable"
    }

    private static func worker(_ health: HealthSnapshot) -> Check {
        if let youngest = health.aliveWorkers.map({ health.now - $0.heartbeatAt }).min() {
            return .passed("\(health.aliveWorkers.count) alive, heard of \(seconds(youngest)) s ago")
        }
        let action = "Start it: systemctl start pulih-worker, or without systemd pulih worker. Requests wait meanwhile."
        guard let last = health.workers.map({ health.now - $0.heartbeatAt }).min() else {
            return .failed("none has reported", action)
        }
        return .failed("none alive, the last was heard of \(seconds(last)) s ago", action)
    }

    private static func queue(_ health: HealthSnapshot) -> Check {
        guard let age = health.oldestReadyAge else { return .passed("no job is ready") }
        let limit = seconds(HealthSnapshot.waitLimit)
        let reason = "the oldest ready job has waited for \(seconds(age)) s"
        guard age >= HealthSnapshot.waitLimit else { return .passed(reason) }
        return .failed(
            "\(reason), the limit is \(limit) s",
            "If no other check fails, mail comes in faster than it goes out: raise worker.lanes or ask the relay.")
    }

    private static func relay(_ health: HealthSnapshot) -> Check {
        let action = "It is tried again by itself within a minute. If it stays so: pulih check --smtp."
        return switch health.relay {
        case .flowing: flowing(health)
        case .paused(let reason): .failed("paused: \(reason)", action)
        case .probing(let reason): .failed("being probed after: \(reason)", action)
        // The check on workers reports it; the relay itself may be well.
        case .unknown: .passed("no worker is alive to tell")
        }
    }

    private static func flowing(_ health: HealthSnapshot) -> Check {
        guard let waiting = health.waiting else {
            // Mail goes out, which is what is asked here.
            return .passed(
                health.fallback.map {
                    "mail flows by \($0.used.name), since \($0.preferred.name) is at fault: \($0.preferred.reason)"
                }
                    ?? "mail flows")
        }
        let reason =
            "\(waiting.count) of \(health.aliveWorkers.reduce(0) { $0 + $1.lanes }) lanes wait for its answer at "
            + "\(waiting.stage), for \(seconds(waiting.time)) s"
        guard health.isHeldUp, waiting.time >= heldUpLimit else { return .passed(reason) }
        return .failed(reason, "Urgent mail goes by further connections. See the relay's log for what it waits for.")
    }

    /// From when on lanes that all wait are more than a slow moment.
    private static let heldUpLimit = TimeSpan.seconds(20)

    private static func lanes(_ pauses: [PausedKind]) -> Check {
        guard !pauses.isEmpty else { return .passed("none is paused") }
        let text = pauses.map { pause in
            let why = Excerpt.of(pause.why, atMost: Excerpt.reply)
            return "\(Excerpt.of(pause.kind, atMost: Excerpt.name)) paused by "
                + Excerpt.of(pause.by, atMost: Excerpt.name)
                + (why.isEmpty ? "" : ": \(why)")
        }
        return .failed(text.joined(separator: "; "), "When the reason is gone: pulih queue resume KIND.")
    }

    private static func seconds(_ span: TimeSpan) -> Int64 { max(0, span.milliseconds) / 1000 }
}
