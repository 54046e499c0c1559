/// How tokens for applications are signed; the raw value is the name that applications know it by (RFC 7518, section 3.1).
package enum TokenAlgorithm: String, Sendable, CaseIterable {
    case es256 = "ES256"
    case rs256 = "RS256"
}

/// The times by which the keys that sign tokens succeed each other.
package enum TokenKeyTimes {
    /// How long a key is published before it signs. So long may the set of keys be cached, and no longer.
    package static let publicationLead = TimeSpan.hours(1)
    /// How long a key stays published once another signs: longer than any token is good for, which is an hour at most, so
    /// that clocks that differ and processes that learn of the new key late do no harm.
    package static let longestTokenLife = TimeSpan.hours(24)
}

/// The keys that sign tokens, a succession for each algorithm: each signs from its moment until the next one's.
///
/// - Note: `Key` is whatever signs; the domain knows it only by its algorithm and its moment.
package struct TokenKeySet<Key: Sendable>: Sendable {
    package struct Entry: Sendable {
        package let algorithm: TokenAlgorithm
        package let from: Instant
        package let key: Key

        package init(algorithm: TokenAlgorithm, from: Instant, key: Key) {
            self.algorithm = algorithm
            self.from = from
            self.key = key
        }
    }

    private let entries: @Sendable () -> [Entry]

    /// - Parameter entries: at least one for each algorithm; asked at every use, since keys are exchanged while we run.
    package init(_ entries: @escaping @Sendable () -> [Entry]) { self.entries = entries }

    /// The key that signs what is made at `moment`: of those whose moment has come the last. Where all are yet to come, the
    /// clock was set back: the first signs.
    package func signingKey(_ algorithm: TokenAlgorithm, at moment: Instant) -> Key {
        var current: Entry?
        // Each token asks: what the others are for is not found out here.
        for entry in entries() where entry.algorithm == algorithm {
            let isNearer =
                switch current?.from {
                case let known? where known <= moment: known <= entry.from && entry.from <= moment
                case let known?: entry.from < known
                case nil: true
                }
            if isNearer { current = entry }
        }
        guard let current else { preconditionFailure("no token key for \(algorithm.rawValue)") }
        return current.key
    }

    /// Every key that a token may be verified with at `moment`: the coming, the current and those whose tokens live.
    package func published(at moment: Instant) -> [Key] {
        standings(at: moment).filter { $0.state != .expired }.map(\.entry.key)
    }

    package func standings(at moment: Instant) -> [TokenKeyStanding<Entry>] {
        Self.standings(entries(), at: moment)
    }

    /// What each key is for at `moment`, in the order of algorithm and moment.
    package static func standings(_ entries: [Entry], at moment: Instant) -> [TokenKeyStanding<Entry>] {
        TokenAlgorithm.allCases.flatMap { algorithm in
            let line = entries.filter { $0.algorithm == algorithm }.sorted { $0.from < $1.from }
            // Where all are yet to come, the clock was set back: the first signs.
            let current = line.lastIndex { $0.from <= moment } ?? 0
            return line.enumerated().map { index, entry in
                guard index < current else {
                    return TokenKeyStanding(entry: entry, state: index == current ? .current : .coming, until: nil)
                }
                let until = line[index + 1].from + TokenKeyTimes.longestTokenLife
                return TokenKeyStanding(entry: entry, state: until > moment ? .previous : .expired, until: until)
            }
        }
    }
}

package enum TokenKeyState: String, Sendable {
    /// Published, and signs from its moment on.
    case coming
    /// Signs.
    case current
    /// Published for what it signed.
    case previous
    /// Whatever it signed has run out: published no more.
    case expired
}

/// A key and what it is for at one moment.
package struct TokenKeyStanding<Entry: Sendable>: Sendable {
    package let entry: Entry
    package let state: TokenKeyState
    /// Until when it is published; nil while nothing replaces it.
    package let until: Instant?
}
