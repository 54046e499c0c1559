import Benchmarks
import CommandLine
import JSON

/// One call of the program: the chosen lines, one after the other, then what they have found out.
struct Session {
    private let choice: Choice
    private let lines: [Benchmark]

    init(_ choice: Choice) {
        self.choice = choice
        lines = Benchmark.all.filter { choice.names.contains($0.line.name) }
    }

    /// - Returns: the exit status, 1 when a line could not be measured.
    func run() throws -> Int32 {
        let folder = try WorkFolder()
        defer { folder.remove() }
        try Ending.watch(folder)
        let missing = Requirement.missing(lines.flatMap(\.line.needs), folder)
        for requirement in missing {
            let names = lines.filter { $0.line.needs.contains(requirement.need) }.map(\.line.name)
            Console.printError("pulih-bench: \(requirement.sentence)\nLeft out: \(names.joined(separator: ", "))")
        }
        let lacking = Set(missing.map(\.need))
        let able = lines.filter { $0.line.needs.isDisjoint(with: lacking) }
        guard !able.isEmpty else { return 1 }

        var report = Report(machine: Machine.facts(folder), versions: Machine.versions(folder))
        for (index, benchmark) in able.enumerated() {
            let progress = ProgressLine("\(benchmark.line.name) (\(index + 1) of \(able.count))")
            let run = Run(benchmark.line, try WorkFolder(in: folder), progress, choice)
            run.result.seconds = seconds {
                do { try benchmark.run(run) } catch { run.result.failure = "not measured: \(error)" }
            }
            Child.stopAll()
            run.folder.remove()
            progress.finish(run.result.seconds)
            report.results.append(run.result)
            report.messageBytes = report.messageBytes ?? run.messageBytes
        }
        Console.line(choice.isJSON ? report.json.text(isPretty: true) : report.table)
        return missing.isEmpty && report.results.allSatisfy { $0.failure == nil } ? 0 : 1
    }
}
