import Benchmarks

/// The same with a relay that takes 5 ms for each mail, as relays do: lanes wait, and only waiting well counts.
enum SlowPipeline {
    static let benchmark = Benchmark(
        Line(
            "relay-5ms", "The same into a relay that takes 5 ms for each mail, 10 mails a connection.",
            target: "at least 0.97",
            limit:
                "A lane waits for work in 2 % of its time, by perf trace, and for the relay in nearly all the rest. But "
                + "each of the relay's answers wakes a thread, 14 times a mail, and a core for it is free late: both are four "
                + "fifths busy with lanes, commits and the relay itself. That and rendering make 1 ms a mail.",
            seconds: 40, needs: [.program]), run)

    private static let mails = 8_000

    static func run(_ run: Run) throws {
        let mail = try CapturedMail(run)
        let relay = try SlowRelay(pause: 5_000)
        defer { relay.stop() }
        let measures = [
            Measure(
                "relay of 5 ms a mail", "mails/s", "Pulih, let go to last settlement",
                over: "libcurl alone, 16 threads", .atLeast(0.97)),
            Measure(
                "relay of 5 ms a mail without validation and rendering", "mails/s",
                "the queue's rows alone, beside libcurl alone", over: "libcurl alone, 16 threads"),
        ]
        try run.compare(measures) { _ in
            let pulih = try QueueLoad.send(
                run, count: mails, lanes: Pipeline.lanes, port: relay.port, messagesPerConnection: 10)
            let bare = try BareLoad.send(
                mail, count: mails, threads: Pipeline.lanes, port: relay.port, messagesPerConnection: 10)
            let least = try Pipeline.rowsAlone(run, mail, port: relay.port, messagesPerConnection: 10)
            return [(pulih.rate, bare.rate), (least.rate, bare.rate)]
        }
    }
}
