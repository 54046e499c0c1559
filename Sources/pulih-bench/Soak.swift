import Benchmarks
import Domain
import SQL
import SQLite

/// Many resets in portions, one after the other: what the worker holds at the end, and whether it is as fast as at
/// first, each time beside libcurl alone, since within a minute the machine itself becomes faster or slower.
enum Soak {
    static let benchmark = Benchmark(
        Line(
            "soak",
            "Many resets in 50 portions: memory at the end, open files and sockets, the write-ahead log, and"
                + " the rate of the last tenth over that of the first.",
            target: "45 MiB, constant, 16 MB, at least 0.95", seconds: 90, needs: [.program, .sink], isExtra: true),
        run)

    private static let portions = 50
    private static let tenth = portions / 10

    /// What is seen of each portion.
    private struct Portion {
        let rate: Double
        /// The rate of libcurl alone right after it, where it is asked for.
        let bareRate: Double?
        let residentMemory: Double
        let descriptors: Double
        /// Bytes of the write-ahead log, at its longest.
        let log: Double
    }

    static func run(_ run: Run) throws {
        let mail = try CapturedMail(run)
        let sink = try Sink(run.folder)
        defer { sink.stop() }
        let size = run.resets / portions
        let installation = try Installation(run.folder, relayPort: sink.port, lanes: Pipeline.lanes, accounts: size)
        let worker = try installation.start("worker")
        defer { worker.stop() }
        try worker.answers(on: installation.operationsPort)
        let reader = try SQLiteConnection(path: installation.database, role: .reader)
        let seen = try (1...portions).map { number in
            run.say("portion \(number) of \(portions), \(size) resets each")
            let isCompared = number <= tenth || number > portions - tenth
            return try send(size, installation, worker, reader) {
                guard isCompared else { return nil }
                return try BareLoad.send(
                    mail, count: max(size, 1000), threads: Pipeline.lanes, port: sink.port, messagesPerConnection: 10
                ).rate
            }
        }
        let mailed = try reader.first("SELECT count(*) FROM job WHERE outcome = 'mailed'") { $0.integer(0) }
        guard mailed == Int64(size * portions) else { throw BenchFailure("not every mail was sent") }
        try tell(run, seen)
    }

    private static func send(
        _ count: Int, _ installation: Installation, _ worker: Child, _ reader: SQLiteConnection,
        bare: () throws -> Double?
    ) throws -> Portion {
        try installation.enqueue(count)
        var log = 0
        let time = try seconds {
            try QueueLoad.waitUntilDone(reader) { log = max(log, fileSize("\(installation.database)-wal")) }
        }
        return Portion(
            rate: Double(count) / time, bareRate: try bare(), residentMemory: worker.residentMemory,
            descriptors: Double(worker.descriptors),
            log: Double(log))
    }

    private static func tell(_ run: Run, _ seen: [Portion]) throws {
        let (first, last) = (seen.prefix(tenth), seen.suffix(tenth))
        let total = run.resets / portions * portions
        let measures = [
            Measure(
                "soak, rate over that of libcurl alone", "", "last tenth of \(total) resets", over: "first tenth",
                .atLeast(0.95)),
            Measure("soak, open files and sockets", "", "last tenth", over: "first tenth", .atMost(1)),
            Measure("soak, resident memory", "MiB", "after each portion of the last tenth", over: "limit", .atMost(1)),
            Measure("soak, write-ahead log", "MB", "longest of all", over: "limit", .atMost(1)),
        ]
        let longest = (seen.map(\.log).max() ?? 0) / 1e6
        let mostOpen = first.map(\.descriptors).max() ?? 0
        try run.compare(measures, rounds: tenth) { round in
            let portion = last[last.startIndex + round - 1]
            return [
                (relative(portion), relative(first[round - 1])), (portion.descriptors, mostOpen),
                (portion.residentMemory, 45),
                (longest, 16),
            ]
        }
        run.tell("soak, mails a second in the first tenth", median(first.map(\.rate)), "/s")
        run.tell("soak, mails a second in the last tenth", median(last.map(\.rate)), "/s")
    }

    private static func relative(_ portion: Portion) -> Double { portion.bareRate.map { portion.rate / $0 } ?? .nan }
}
