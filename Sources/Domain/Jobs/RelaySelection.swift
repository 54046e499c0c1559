/// Which relay the next mails go by: the first of the list that takes mail. Each has a circuit breaker of its own. A relay
/// that was at fault is tried by a connection while another takes its place, and then by the least urgent mail at hand.
package struct RelaySelection: Sendable, Equatable {
    package struct Member: Sendable, Equatable {
        package let name: String
        package fileprivate(set) var breaker = CircuitBreaker()
    }

    /// In order of preference.
    package private(set) var members: [Member]

    /// - Parameter names: in order of preference, each once.
    package init(_ names: [String]) { members = names.map { Member(name: $0) } }

    /// Takes another list; what is known of relays that are in both stays.
    package mutating func replace(_ names: [String]) {
        members = names.map { name in members.first { $0.name == name } ?? Member(name: name) }
    }

    /// Whether any relay takes mail.
    package var takesMail: Bool { members.contains { $0.breaker.isClosed } }

    /// How many of `free` jobs may be claimed now.
    package func allowance(_ free: Int, at now: Instant) -> Int {
        guard !takesMail else { return free }
        return min(free, members.count { $0.breaker.isDue(at: now) })
    }

    /// Chooses a relay for each of the mails, the most urgent one first.
    /// - Returns: names; nil where no relay may be tried now.
    package mutating func assign(_ preferences: [RelayPreference], at now: Instant) -> [String?] {
        var chosen = [Int?](repeating: nil, count: preferences.count)
        // The relay that a mail tries for the others may keep it waiting: the least urgent does.
        for place in preferences.indices.reversed() where preferences[place] == .first {
            guard let probed = nextProbe(at: now) else { break }
            chosen[place] = probed
        }
        for place in preferences.indices where chosen[place] == nil {
            chosen[place] = closed(for: preferences[place]) ?? nextProbe(at: now)
        }
        return chosen.map { $0.map { members[$0].name } }
    }

    /// The relay that mail of such a preference goes by.
    package func relay(for preference: RelayPreference) -> String? { closed(for: preference).map { members[$0].name } }

    /// Relays to which a connection should be made now, since another takes their mail meanwhile.
    package mutating func beginChecks(at now: Instant) -> [String] {
        guard takesMail else { return [] }
        let due = members.indices.filter { members[$0].breaker.isDue(at: now) && !members[$0].breaker.isReachable }
        for place in due { members[place].breaker.check() }
        return due.map { members[$0].name }
    }

    /// The connection was made.
    package mutating func checked(_ name: String, at now: Instant) {
        guard let place = place(name) else { return }
        let isSpare = members[..<place].contains { $0.breaker.isClosed }
        // No mail would go by a spare one, which is good enough for its turn.
        if isSpare, members[place].breaker.state == .checking {
            members[place].breaker.close()
        } else {
            members[place].breaker.checked(at: now)
        }
    }

    package mutating func succeeded(_ name: String) {
        if let place = place(name) { members[place].breaker.succeeded() }
    }

    /// - Parameter random: uniform in 0..<1.
    package mutating func failed(_ name: String, at now: Instant, reason: String, random: Double) {
        if let place = place(name) { members[place].breaker.failed(at: now, reason: reason, random: random) }
    }

    private func place(_ name: String) -> Int? { members.firstIndex { $0.name == name } }

    /// The relay that a mail may try, with its breaker told.
    private mutating func nextProbe(at now: Instant) -> Int? {
        let first = members.firstIndex { $0.breaker.isClosed }
        let place = members[..<(first ?? members.endIndex)].firstIndex {
            $0.breaker.isDue(at: now) && (first == nil || $0.breaker.isReachable)
        }
        if let place { members[place].breaker.probe() }
        return place
    }

    private func closed(for preference: RelayPreference) -> Int? {
        let closed = members.indices.filter { members[$0].breaker.isClosed }
        switch preference {
        case .first: return closed.first
        case .same(let name): return closed.first { members[$0].name == name } ?? closed.first
        case .other(let name): return closed.first { members[$0].name != name } ?? closed.first
        }
    }
}

/// Which relay a mail should go by, for what became of it before.
package enum RelayPreference: Sendable, Equatable {
    /// The first that takes mail.
    case first
    /// The one that may have it already, unless that one is down: a second relay could not know it for a duplicate.
    case same(as: String)
    /// Not the one that kept silent at it, if there is another.
    case other(than: String)
}
