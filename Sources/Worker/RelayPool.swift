import Cryptography
import Domain

/// The worker's relays: which of them take mail, and what operators are told of that. Used by the dispatcher alone.
final class RelayPool {
    private let equipment: CurrentEquipment
    private let upkeep: RelayUpkeep
    private let activity: SenderActivity
    private let clock: any Clock
    private let random: any RandomSource
    private let logger: any Logger

    private var selection: RelaySelection
    /// Of the equipment that `selection` is about.
    private var version: Int
    /// Whether operators should hear of a change.
    private(set) var hasNews = false

    init(
        _ equipment: CurrentEquipment, upkeep: RelayUpkeep, activity: SenderActivity, clock: any Clock,
        random: any RandomSource, logger: any Logger
    ) {
        self.equipment = equipment
        self.upkeep = upkeep
        self.activity = activity
        self.clock = clock
        self.random = random
        self.logger = logger
        let newest = equipment.newest
        (version, selection) = (newest.version, RelaySelection(newest.equipment.relays.map(\.name)))
    }

    var takesMail: Bool { selection.takesMail }

    func allowance(_ free: Int, at now: Instant) -> Int { selection.allowance(free, at: now) }

    /// Where urgent mail goes while the senders wait for one relay; nil when they wait for none.
    var detour: String? { activity.slowestRelay.flatMap { selection.relay(for: .other(than: $0)) } }

    /// Heeds another list of relays, and has those connected to that were at fault.
    func refresh(at now: Instant) {
        let newest = equipment.newest
        if newest.version != version {
            version = newest.version
            selection.replace(newest.equipment.relays.map(\.name))
            hasNews = true
        }
        for result in upkeep.takeResults() {
            update { selection in
                if result.delivery.outcome == .delivered {
                    selection.checked(result.relay, at: now)
                } else {
                    selection.failed(
                        result.relay, at: now, reason: result.delivery.explanation, random: random.uniform())
                }
            }
        }
        upkeep.check(selection.beginChecks(at: now))
    }

    /// Learns from what the senders bring.
    func collect(_ results: [DeliveryResult]) {
        guard results.contains(where: { $0.attempt != nil }) else { return }
        update { selection in
            for result in results {
                guard let delivery = result.attempt?.delivery else { continue }
                switch delivery.outcome {
                case .delivered, .temporary, .permanent: selection.succeeded(result.task.relay)
                // A relay that takes a body and never answers is not well either.
                case .relayFault, .unknown:
                    selection.failed(
                        result.task.relay, at: clock.now(), reason: delivery.explanation, random: random.uniform())
                }
            }
        }
    }

    /// Gives each task its relay. - Returns: also those for which there is none now.
    func assign(_ tasks: [DeliveryTask], at now: Instant) -> (assigned: [DeliveryTask], left: [DeliveryTask]) {
        var (assigned, left): ([DeliveryTask], [DeliveryTask]) = ([], [])
        for (var task, relay) in zip(tasks, selection.assign(tasks.map(\.preference), at: now)) {
            guard let relay else {
                left.append(task)
                continue
            }
            task.relay = relay
            assigned.append(task)
        }
        return (assigned, left)
    }

    /// Whether all of them together take mail, and why the preferred one does not when none does.
    var overall: (state: WorkerHeartbeat.Relay.State, reason: String) {
        guard !takesMail else { return (.closed, "") }
        let members = members
        return (members.contains { $0.state == .probing } ? .probing : .open, members.first?.reason ?? "")
    }

    /// In order of preference, as operators hear of them.
    var members: [WorkerHeartbeat.Relay] {
        let (activity, tokens) = (activity.byRelay, upkeep.tokens)
        return selection.members.map { member in
            let state: WorkerHeartbeat.Relay.State =
                switch member.breaker.state {
                case .closed: .closed
                case .open: .open
                case .checking, .probing: .probing
                }
            return WorkerHeartbeat.Relay(
                name: member.name, state: state, reason: member.breaker.reason,
                busy: activity[member.name]?.busy ?? 0, waiting: activity[member.name]?.waiting ?? 0,
                token: tokens[member.name])
        }
    }

    /// Operators have heard.
    func newsWritten() {
        hasNews = false
        upkeep.renewTokens()
    }

    /// Changes what is known of the relays, and logs what changed.
    private func update(_ change: (inout RelaySelection) -> Void) {
        let before = selection.members
        change(&selection)
        for (old, new) in zip(before, selection.members) where old.breaker.state != new.breaker.state {
            hasNews = true
            switch new.breaker.state {
            case .closed: logger.log(.info, "relay.resumed", ["relay": new.name])
            case .open(let until) where !new.breaker.isReachable:
                logger.log(
                    .warning, "relay.paused",
                    [
                        "relay": new.name, "seconds": "\((until - clock.now()).seconds)",
                        "faults": "\(new.breaker.consecutiveFailures)", "reason": new.breaker.reason,
                    ])
            case .open: logger.log(.info, "relay.reachable", ["relay": new.name])
            case .checking, .probing: break
            }
        }
    }
}
