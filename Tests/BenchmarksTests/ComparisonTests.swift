import Testing

@testable import Benchmarks

/// Two sides in turn: a ratio a round, their median and spread, and whether a target is met.
@Suite
struct ComparisonTests {
    private func comparison(_ target: Target?) -> Comparison {
        var comparison = Comparison(Measure("rate", "/s", "ours", over: "theirs", target))
        for round in [(100, 100), (60, 120), (90, 100), (30, 40), (70, 100)] as [(Double, Double)] {
            comparison.add((one: round.0, other: round.1))
        }
        return comparison
    }

    @Test("The ratio is the median of the rounds' ratios, not the ratio of the medians")
    func ratio() {
        let comparison = comparison(nil)
        #expect(comparison.ratios == [1, 0.5, 0.9, 0.75, 0.7])
        #expect(comparison.ratio == 0.75)
        #expect((comparison.lowest, comparison.highest) == (0.5, 1))
        #expect((comparison.one, comparison.other) == (70, 100))
    }

    @Test("A target is met at its very value, and where there is none nothing is said")
    func targets() {
        #expect(comparison(.atLeast(0.75)).isMet == true)
        #expect(comparison(.atLeast(0.76)).isMet == false)
        #expect(comparison(.atMost(0.75)).isMet == true)
        #expect(comparison(.atMost(0.74)).isMet == false)
        #expect(comparison(nil).isMet == nil)
    }

    @Test("A comparison without rounds meets no target")
    func nothing() {
        let empty = Comparison(Measure("rate", "/s", "ours", over: "theirs", .atLeast(0.5)))
        #expect(empty.isMet == false)
        #expect(empty.lowest.isNaN)
    }
}
