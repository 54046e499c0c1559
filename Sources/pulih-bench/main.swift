import Glibc

// Benchmarks that print ratios, each taken side by side in one run; absolute figures depend on the machine and stand
// there to be compared with nothing but themselves. Needs smtp-sink (postfix) and a release build of pulih beside it.
do {
    let folder = try WorkFolder()
    defer { folder.remove() }
    let chosen = Set(CommandLine.arguments.dropFirst())
    let benchmarks: [(name: String, run: (WorkFolder) throws -> Void)] = [
        ("accept", Acceptance.run), ("claim", Claiming.run), ("pipeline", Pipeline.run), ("idle", Idle.run),
        ("order", Order.run), ("login", Login.run), ("import", LoginDuringImport.run),
        ("timing", EnumerationTiming.run), ("answers", OperatorLatency.run), ("applications", Applications.run),
        ("forward", ForwardAuth.run), ("captcha", CaptchaPictures.run),
        ("tokens", Tokens.run), ("token-endpoint", TokenEndpoint.run),
    ]
    for benchmark in benchmarks where chosen.isEmpty || chosen.contains(benchmark.name) {
        try benchmark.run(folder)
    }
} catch {
    printLine("pulih-bench: \(error)")
    exit(1)
}
