import Benchmarks
import CommandLine
import Glibc

/// Where the benchmark stands, on standard error: in place on a terminal, otherwise line by line.
final class ProgressLine {
    private let title: String
    private let isInPlace = isatty(STDERR_FILENO) == 1

    init(_ title: String) { self.title = title }

    func show(_ what: String) {
        let text = "\(title): \(what)"
        Console.write(isInPlace ? "\r\(text.prefix(Terminal.width))\u{1B}[K" : "\(text)\n", to: STDERR_FILENO)
    }

    /// Takes the line away again, or tells how long it took where each stays.
    func finish(_ seconds: Double) {
        Console.write(isInPlace ? "\r\u{1B}[K" : "\(title): took \(figure(seconds)) s\n", to: STDERR_FILENO)
    }
}
