import Domain

/// A relay as all workers that are alive see it together.
struct RelayHealth: Sendable, Equatable {
    let name: String
    /// The worst of what they say: each judges for itself.
    let state: WorkerHeartbeat.Relay.State
    let reason: String
    /// Senders that send by it now.
    let busy: Int
    /// Those of them that have waited for one answer for a while.
    let waiting: Int
    let token: RelayToken?

    /// In order of preference, as the worker that reported last has them.
    static func all(of workers: [WorkerHeartbeat]) -> [RelayHealth] {
        let relays = workers.flatMap(\.relays)
        var names: [String] = []
        for relay in relays where !names.contains(relay.name) { names.append(relay.name) }
        return names.map { name in
            let views = relays.filter { $0.name == name }
            let worst = views.first { $0.state == .open } ?? views.first { $0.state == .probing } ?? views[0]
            let tokens = views.compactMap(\.token)
            return RelayHealth(
                name: name, state: worst.state, reason: Excerpt.of(worst.reason, atMost: Excerpt.reply),
                busy: views.reduce(0) { $0 + $1.busy }, waiting: views.reduce(0) { $0 + $1.waiting },
                token: tokens.first { $0.failure != nil } ?? tokens.first)
        }
    }
}

extension HealthSnapshot {
    /// Relays in order of preference.
    var relays: [RelayHealth] { RelayHealth.all(of: aliveWorkers) }

    /// The relay that takes the mail of a more preferred one, which is at fault.
    var fallback: (used: RelayHealth, preferred: RelayHealth)? {
        let relays = relays
        guard let preferred = relays.first, preferred.state != .closed,
            let used = relays.first(where: { $0.state == .closed })
        else { return nil }
        return (used, preferred)
    }
}
