import Testing

@testable import Benchmarks

/// Medians, parts, and figures as people read them.
@Suite
struct StatisticsTests {
    @Test("The median is the middle one, or lies between the two in the middle")
    func middle() {
        #expect(median([3, 1, 2]) == 2)
        #expect(median([4, 1, 3, 2]) == 2.5)
        #expect(median([7]) == 7)
        #expect(median([]) == 0)
    }

    @Test("A percentile is a value that was measured, by nearest rank")
    func percentiles() {
        let values = (1...100).map(Double.init).shuffled()
        #expect(percentile(values, 0.5) == 50)
        #expect(percentile(values, 0.99) == 99)
        #expect(percentile(values, 1) == 100)
        #expect(percentile(values, 0) == 1)
        #expect(percentile([5, 6], 0.99) == 6)
        #expect(percentile([], 0.99) == 0)
    }

    @Test(
        "A figure has as many places as its size makes worth reading",
        arguments: [
            (0, "0"), (1_234_567, "1,234,567"), (999.6, "1,000"), (123.4, "123"), (98.76, "98.8"), (0.525, "0.53"),
            (0.00404, "0.0040"), (-1_234, "-1,234"), (-0.5, "-0.50"), (.nan, "–"), (.infinity, "–"),
        ])
    func figures(_ value: Double, _ text: String) {
        #expect(figure(value) == text)
    }

    @Test("A fixed number of places is rounded, and filled up with zeros")
    func places() {
        #expect(fixed(1, places: 2) == "1.00")
        #expect(fixed(0.999, places: 2) == "1.00")
        #expect(fixed(1.05, places: 1) == "1.1")
        #expect(fixed(-2.5, places: 0) == "-3")
    }
}
