import Cryptography
import Domain
import Threading

/// Sends the messages to one receiver, one after another, until none is ready. A thread of its own runs it.
struct ApplicationLane: Sendable {
    /// What all lanes of a worker share.
    struct Surroundings: Sendable {
        let settings: Worker.Settings
        let store: any Store
        let equipment: CurrentEquipment
        let clock: any Clock
        let random: any RandomSource
        let logger: any Logger
    }

    /// Longer than an attempt can take, whatever the lease of mails.
    private static let shortestLease = TimeSpan.seconds(20)

    /// A connection and what it was made for.
    private struct Line {
        let version: Int
        let url: String
        let server: String
        let courier: any ApplicationCourier
    }

    let receiver: ReceiverID
    let surroundings: Surroundings
    let isStopping: @Sendable () -> Bool
    /// Waits a moment, or until the worker stops.
    let rest: @Sendable () -> Void

    /// - Returns: for how long the receiver asks to be left alone.
    func run() -> TimeSpan? {
        var line: Line?
        var attempted: ApplicationTransaction.Attempted?
        defer { line?.courier.disconnect() }
        while true {
            let retryAfter = attempted?.delivery?.retryAfter
            guard let next = commit(attempted, line, claimsNext: retryAfter == nil) else { return retryAfter }
            let (version, equipment) = surroundings.equipment.newest
            if line?.version != version {
                line?.courier.disconnect()
                line = equipment.receivers.first { $0.id == receiver }.map {
                    Line(version: version, url: $0.url, server: $0.server, courier: $0.courier())
                }
            }
            let startedAt = surroundings.clock.now()
            attempted = .init(
                job: next.job, url: line?.url, startedAt: startedAt,
                delivery: line?.courier.deliver(next.message, at: startedAt))
        }
    }

    /// Settles and claims. While the store is out of order it tries again, so that no answer is forgotten.
    /// - Returns: what to send next; nil when nothing is ready or the worker stops.
    private func commit(
        _ attempted: ApplicationTransaction.Attempted?, _ line: Line?, claimsNext: Bool
    ) -> (job: Job, message: ApplicationMessage)? {
        let (settings, random) = (surroundings.settings, surroundings.random)
        while true {
            let now = surroundings.clock.now()
            let lease = max(settings.lease, Self.shortestLease)
            let transaction = ApplicationTransaction(
                receiver: receiver, worker: settings.name, server: line?.server ?? receiver.application, now: now,
                leaseUntil: now + lease, attempted: attempted, claimsNext: claimsNext && !isStopping())
            do {
                let outcome = try surroundings.store.write { try transaction.run(in: $0, random: random) }
                report(outcome)
                return outcome.next
            } catch {
                let presentable = error as? any PresentableError
                surroundings.logger.log(
                    .error, "queue.unavailable",
                    ["reason": presentable?.sentence ?? "unexpected", "detail": presentable?.detail ?? "\(error)"])
                if isStopping() { return nil }
                rest()
            }
        }
    }

    private func report(_ outcome: ApplicationTransaction.Outcome) {
        for settled in outcome.settled { QueueTransactionLog.write(settled, to: surroundings.logger) }
        if outcome.isSwitchedOff {
            surroundings.logger.log(
                .warning, "webhook.off",
                [
                    "application": receiver.application,
                    "reason":
                        "the receiver answered 410; pulih webhook retry \(receiver.application) switches it on again",
                ])
        }
    }
}
