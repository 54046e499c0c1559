import Benchmarks

/// What a line measures with, and what it has found out.
final class Run {
    /// A folder of this line alone.
    let folder: WorkFolder
    /// How many mails the soak sends.
    let resets: Int
    /// How many jobs come and go while a transaction is held open.
    let heldJobs: Int
    var result: Report.Result
    /// Of one reset mail as it is sent.
    var messageBytes: Int?
    private let progress: ProgressLine

    init(_ line: Line, _ folder: WorkFolder, _ progress: ProgressLine, _ choice: Choice) {
        self.folder = folder
        self.progress = progress
        (resets, heldJobs) = (choice.resets, choice.heldJobs)
        result = Report.Result(line.name, limit: line.limit)
    }

    /// Rounds of both sides in turn, A B A B …
    func compare(
        _ measure: Measure, rounds: Int = 5, _ one: () throws -> Double, over other: () throws -> Double
    ) throws {
        try compare([measure], rounds: rounds) { _ in [(try one(), try other())] }
    }

    /// Rounds of one side, each held against a limit.
    func compare(_ measure: Measure, limit: Double, rounds: Int = 5, _ one: () throws -> Double) throws {
        try compare([measure], rounds: rounds) { _ in [(try one(), limit)] }
    }

    /// Rounds that tell several figures of both sides.
    /// - Parameter round: measures both sides once; answers a pair for each of the measures.
    func compare(
        _ measures: [Measure], rounds: Int = 5, _ round: (Int) throws -> [(one: Double, other: Double)]
    ) throws {
        var comparisons = measures.map { Comparison($0) }
        for number in 1...rounds {
            say("\(measures[0].name): round \(number) of \(rounds)")
            for (index, pair) in try round(number).enumerated() { comparisons[index].add(pair) }
        }
        result.comparisons += comparisons
    }

    /// A figure that stands for itself.
    func tell(_ name: String, _ value: Double, _ unit: String) { result.details.append(Detail(name, value, unit)) }

    /// The half and the ninety-ninth part of many waits.
    /// - Parameter waits: in seconds.
    func tell(_ what: String, waits: [Double]) {
        tell("\(what), p50", percentile(waits, 0.5) * 1000, "ms")
        tell("\(what), p99", percentile(waits, 0.99) * 1000, "ms")
    }

    /// Where the line stands, for a person who waits.
    func say(_ what: String) { progress.show(what) }
}
