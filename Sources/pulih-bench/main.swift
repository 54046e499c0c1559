import Benchmarks
import CommandLine
import Glibc

// Benchmarks that tell ratios, each taken side by side in one run; absolute figures depend on the machine and stand
// there to be compared with nothing but themselves. Begin with `Benchmark`, then `Run` and the file of a line.

signal(SIGPIPE, SIG_IGN)
do {
    let choice = try Choice(Array(CommandLine.arguments.dropFirst()), among: Benchmark.all.map(\.line))
    if choice.wantsHelp {
        Console.line(Choice.help(Benchmark.all.map(\.line), width: Terminal.width))
    } else if choice.wantsList {
        Console.line(Line.list(Benchmark.all.map(\.line), width: Terminal.width))
    } else {
        exit(try Session(choice).run())
    }
} catch let error as UsageError {
    Console.printError("pulih-bench: \(error.sentence)\nTry: pulih-bench --help")
    exit(2)
} catch {
    Console.printError("pulih-bench: \(error)")
    exit(1)
}
