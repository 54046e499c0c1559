import Support
import Testing

@Suite("The queue against its model")
struct QueueModelTests {
    /// Three seeds of all time and one of the day; a failure prints its seed, to be put here.
    private static let seeds: [UInt64] = [1, 2, 3, .random(in: 4...UInt64.max)]

    @Test(
        "After every one of thousands of random operations the rows are those of the plain model",
        arguments: TestEngine.allCases, seeds)
    func equalsModel(engine: TestEngine, seed: UInt64) throws {
        var comparison = try QueueAgainstModel(on: engine, seed: seed)
        try comparison.run(steps: 1_500)
    }
}
