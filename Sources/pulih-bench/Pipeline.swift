import Benchmarks
import Store

/// The whole way of queued resets into smtp-sink, sixteen lanes, against libcurl alone with sixteen threads that send
/// the same bytes: mails a second, and CPU a mail of the worker's process and of the sending threads.
enum Pipeline {
    static let benchmark = Benchmark(
        Line(
            "pipeline",
            "Resets from the queue into smtp-sink (claimed, validated, rendered, delivered, settled, each on"
                + " the disk), 16 lanes, over libcurl alone with 16 threads sending the same bytes; 10 mails a "
                + "connection and no limit.",
            target: "at least 0.75 of its rate, at most 1.5 of its CPU a mail", limit: limit, seconds: 60,
            needs: [.program, .sink]),
        run)

    /// By perf, at 10 mails a connection: lanes 65 % (message 10, rendering 8, composing 4, the rest libcurl and its system
    /// calls, as many as it makes alone), the writer 27 %.
    static let limit = """
        The queue's rows and libcurl alone, measured beside it, take 1.5 to 1.8 times libcurl's CPU and reach 0.8 to 1.0 of \
        its rate with nothing validated or rendered. Account, limits, link, composing, two bodies and 11 kB of MIME take 0.2 \
        ms beyond that, nothing of it more than a tenth of the whole; 0.75 would leave them less than a quarter of it.
        """

    static let lanes = 16
    private static let mails = 8_000

    static func run(_ run: Run) throws {
        let mail = try CapturedMail(run)
        let sink = try Sink(run.folder)
        defer { sink.stop() }
        var resident: [Double] = []
        for (name, limit) in [("10 mails a connection", 10), ("connections without limit", 1_000_000)] {
            let measures = [
                Measure(
                    "pipeline, \(name)", "mails/s", "Pulih, let go to last settlement",
                    over: "libcurl alone, 16 threads",
                    .atLeast(0.75)),
                Measure(
                    "pipeline, CPU a mail, \(name)", "us", "Pulih's worker", over: "libcurl alone, its threads",
                    .atMost(1.5)),
                Measure(
                    "pipeline without validation and rendering, \(name)", "mails/s",
                    "the queue's rows alone, beside libcurl alone", over: "libcurl alone, 16 threads"),
                Measure(
                    "pipeline without validation and rendering, CPU a mail, \(name)", "us",
                    "the queue's rows and libcurl", over: "libcurl alone, its threads"),
            ]
            try run.compare(measures) { _ in
                let pulih = try QueueLoad.send(
                    run, count: mails, lanes: lanes, port: sink.port, messagesPerConnection: limit)
                let bare = try BareLoad.send(
                    mail, count: mails, threads: lanes, port: sink.port, messagesPerConnection: limit)
                resident.append(pulih.residentMemory)
                let least = try rowsAlone(run, mail, port: sink.port, messagesPerConnection: limit)
                return [
                    (pulih.rate, bare.rate), (pulih.processorTime, bare.processorTime), (least.rate, bare.rate),
                    (least.processorTime, bare.processorTime),
                ]
            }
        }
        run.tell("resident after \(mails) mails, at most", resident.max() ?? 0, "MiB")
    }

    /// The mails by libcurl alone while each is claimed and settled in a queue of its own.
    static func rowsAlone(
        _ run: Run, _ mail: CapturedMail, port: Int, messagesPerConnection: Int
    ) throws -> (rate: Double, processorTime: Double) {
        let database = try RowsAlone.queue(run)
        defer { database.close() }
        try QueueTurns(database).enqueue(mails)
        return try RowsAlone.measure(mails) {
            try QueueTurns(database).settle(mails)
        } beside: {
            _ = try BareLoad.send(
                mail, count: mails, threads: lanes, port: port, messagesPerConnection: messagesPerConnection)
        }
    }
}
