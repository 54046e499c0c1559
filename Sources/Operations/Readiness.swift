import Domain
import HTTPServer

/// `/readyz`: whether requests that come in now would be worked on, and if not, why not and what to do.
extension Operations {
    func showReadiness() throws -> Response {
        let now = clock.now()
        let writing = fault { try storage.write { try $0.probe(at: now) } }
        var look: (pulse: Pulse, pauses: [LanePause])?
        let reading = fault { look = try storage.read { (try Pulse(of: $0, at: now), try $0.lanePauses()) } }
        let readiness = Readiness(look, fault: writing ?? reading)
        return try .encoded(readiness, status: readiness.isReady ? 200 : 503)
    }

    /// What goes wrong with the storage is one of the answers here.
    private func fault(_ body: () throws -> Void) -> StorageFault? {
        do {
            try body()
            return nil
        } catch {
            let fault = error as? StorageFault ?? StorageFault(sentence: "The database failed.", detail: "\(error)")
            journal.note(.error, "storage.failed", ["reason": fault.sentence, "detail": fault.detail])
            return fault
        }
    }
}

struct Readiness: Sendable, Equatable, Encodable {
    struct Check: Sendable, Equatable, Encodable {
        let ok: Bool
        let reason: String
        /// What an operator can do about it; nil when there is nothing to do.
        let action: String?

        static func good(_ reason: String) -> Check { Check(ok: true, reason: reason, action: nil) }
        static func bad(_ reason: String, _ action: String) -> Check {
            Check(ok: false, reason: reason, action: action)
        }
    }

    let status: String
    let checks: [String: Check]

    var isReady: Bool { checks.values.allSatisfy(\.ok) }

    /// - Parameters:
    ///   - look: nil when the database could not be read.
    ///   - fault: why it could not be written or read.
    init(_ look: (pulse: Pulse, pauses: [LanePause])?, fault: StorageFault?) {
        let unknown = Check.bad("not known: the database cannot be read", "See to the database first.")
        checks = [
            "database": fault.map { .bad($0.sentence, "See the log for storage.failed; free space, rights and locks.") }
                ?? .good("it can be written"),
            "worker": look.map { Self.worker($0.pulse) } ?? unknown,
            "queue": look.map { Self.queue($0.pulse) } ?? unknown,
            "relay": look.map { Self.relay($0.pulse) } ?? unknown,
            "lanes": look.map { Self.lanes($0.pauses) } ?? unknown,
        ]
        status = checks.values.allSatisfy(\.ok) ? "ok" : "unavailable"
    }

    private static func worker(_ pulse: Pulse) -> Check {
        if let youngest = pulse.alive.map({ pulse.now - $0.heartbeatAt }).min() {
            return .good("\(pulse.alive.count) alive, heard of \(seconds(youngest)) s ago")
        }
        let action = "Start it: systemctl start pulih-worker, or without systemd pulih worker. Requests wait meanwhile."
        guard let last = pulse.workers.map({ pulse.now - $0.heartbeatAt }).min() else {
            return .bad("none has reported", action)
        }
        return .bad("none alive, the last was heard of \(seconds(last)) s ago", action)
    }

    private static func queue(_ pulse: Pulse) -> Check {
        guard let age = pulse.oldestReadyAge else { return .good("no job is ready") }
        let limit = seconds(Pulse.waitLimit)
        let reason = "the oldest ready job has waited for \(seconds(age)) s"
        guard age >= Pulse.waitLimit else { return .good(reason) }
        return .bad(
            "\(reason), the limit is \(limit) s",
            "If no other check fails, mail comes in faster than it goes out: raise worker.lanes or ask the relay.")
    }

    private static func relay(_ pulse: Pulse) -> Check {
        let action = "It is tried again by itself within a minute. If it stays so: pulih check --smtp."
        return switch pulse.relay {
        case .flowing: .good("mail flows")
        case .paused(let reason): .bad("paused: \(reason)", action)
        case .probing(let reason): .bad("being probed after: \(reason)", action)
        // The check on workers tells of it; the relay itself is not known to be at fault.
        case .unknown: .good("no worker is alive to tell")
        }
    }

    private static func lanes(_ pauses: [LanePause]) -> Check {
        guard !pauses.isEmpty else { return .good("none is paused") }
        let told = pauses.map { pause in
            let why = Excerpt.of(pause.why, atMost: Excerpt.reply)
            return "\(Excerpt.of(pause.kind, atMost: Excerpt.name)) paused by "
                + Excerpt.of(pause.by, atMost: Excerpt.name)
                + (why.isEmpty ? "" : ": \(why)")
        }
        return .bad(told.joined(separator: "; "), "When the reason is gone: pulih queue resume KIND.")
    }

    private static func seconds(_ span: Span) -> Int64 { max(0, span.milliseconds) / 1000 }
}
