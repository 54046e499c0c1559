import Domain
import HTTPServer

/// `/readyz`: whether requests that come in now would be worked on, and if not, why not.
extension Operations {
    func showReadiness() throws -> Response {
        let readiness: Readiness
        do {
            let now = clock.now()
            readiness = Readiness(try storage.read { try Pulse(of: $0, at: now) })
        } catch let fault as StorageFault {
            journal.note(.error, "storage.failed", ["reason": fault.sentence, "detail": fault.detail])
            readiness = Readiness(fault)
        }
        return try .encoded(readiness, status: readiness.isReady ? 200 : 503)
    }
}

struct Readiness: Sendable, Equatable, Encodable {
    struct Check: Sendable, Equatable, Encodable {
        let ok: Bool
        let reason: String
    }

    /// A job that is ready is taken within a second while a worker lives and the relay answers.
    static let waitLimit = Span.minutes(5)

    let status: String
    let checks: [String: Check]

    var isReady: Bool { checks.values.allSatisfy(\.ok) }

    init(_ pulse: Pulse) {
        self.init([
            "database": Check(ok: true, reason: "it answers"), "worker": Self.worker(pulse), "queue": Self.queue(pulse),
            "relay": Self.relay(pulse),
        ])
    }

    /// The database does not answer.
    init(_ fault: StorageFault) {
        let unknown = Check(ok: false, reason: "the database does not answer")
        self.init([
            "database": Check(ok: false, reason: fault.sentence), "worker": unknown, "queue": unknown, "relay": unknown,
        ])
    }

    private init(_ checks: [String: Check]) {
        self.checks = checks
        status = checks.values.allSatisfy(\.ok) ? "ok" : "unavailable"
    }

    private static func worker(_ pulse: Pulse) -> Check {
        if let youngest = pulse.alive.map({ pulse.now - $0.heartbeatAt }).min() {
            return Check(ok: true, reason: "\(pulse.alive.count) alive, heard of \(seconds(youngest)) s ago")
        }
        guard let last = pulse.workers.map({ pulse.now - $0.heartbeatAt }).min() else {
            return Check(ok: false, reason: "none has reported")
        }
        return Check(ok: false, reason: "none alive, the last was heard of \(seconds(last)) s ago")
    }

    private static func queue(_ pulse: Pulse) -> Check {
        guard let age = pulse.oldestReadyAge else { return Check(ok: true, reason: "no job is ready") }
        return Check(ok: age < waitLimit, reason: "the oldest ready job has waited for \(seconds(age)) s")
    }

    private static func relay(_ pulse: Pulse) -> Check {
        switch pulse.relay {
        case .flowing: Check(ok: true, reason: "mail flows")
        case .paused(let reason): Check(ok: false, reason: "paused: \(reason)")
        case .probing(let reason): Check(ok: false, reason: "being probed after: \(reason)")
        // The check on workers tells of it; the relay itself is not known to be at fault.
        case .unknown: Check(ok: true, reason: "no worker is alive to tell")
        }
    }

    private static func seconds(_ span: Span) -> Int64 { max(0, span.milliseconds) / 1000 }
}
