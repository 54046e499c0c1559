/// What a ratio must reach.
package enum Target: Sendable, Equatable {
    case atLeast(Double)
    case atMost(Double)

    package func isMet(by ratio: Double) -> Bool {
        switch self {
        case .atLeast(let least): ratio >= least
        case .atMost(let most): ratio <= most
        }
    }

    /// Such as `>= 0.75`.
    package var text: String {
        switch self {
        case .atLeast(let least): ">= \(fixed(least, places: 2))"
        case .atMost(let most): "<= \(fixed(most, places: 2))"
        }
    }
}

/// What is compared: two ways of doing the same, in one unit.
package struct Measure: Sendable, Equatable {
    package let name: String
    package let unit: String
    /// The two sides: what is measured, and what it is held against.
    package let one: String
    package let other: String
    /// nil where nothing is demanded.
    package let target: Target?

    package init(_ name: String, _ unit: String, _ one: String, over other: String, _ target: Target? = nil) {
        (self.name, self.unit, self.one, self.other, self.target) = (name, unit, one, other, target)
    }
}

/// Two sides measured in turn in one run, one ratio a round: a machine whose speed drifts has drifted for both.
package struct Comparison: Sendable {
    package let measure: Measure
    package private(set) var rounds: [(one: Double, other: Double)] = []

    package init(_ measure: Measure, rounds: [(one: Double, other: Double)] = []) {
        self.measure = measure
        self.rounds = rounds
    }

    package mutating func add(_ round: (one: Double, other: Double)) { rounds.append(round) }

    /// Of each round.
    package var ratios: [Double] { rounds.map { $0.one / $0.other } }

    /// The median of the rounds' ratios, which is not the ratio of the medians.
    package var ratio: Double { median(ratios) }

    package var lowest: Double { ratios.min() ?? .nan }
    package var highest: Double { ratios.max() ?? .nan }

    package var one: Double { median(rounds.map(\.one)) }
    package var other: Double { median(rounds.map(\.other)) }

    /// nil where nothing is demanded.
    package var isMet: Bool? { measure.target.map { $0.isMet(by: ratio) } }
}

/// A figure told beside the comparisons, which stands for itself.
package struct Detail: Sendable, Equatable {
    package let name: String
    package let value: Double
    package let unit: String

    package init(_ name: String, _ value: Double, _ unit: String) {
        (self.name, self.value, self.unit) = (name, value, unit)
    }
}
