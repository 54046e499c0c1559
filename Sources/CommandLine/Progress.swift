import Glibc
import Threading

/// Tells a person at a terminal how far a long piece of work has come. Says nothing in a pipe, and nothing of work that
/// is done within two seconds.
package final class Progress: Sendable {
    private let what: String
    private let total: Int
    private let start = ContinuousClock.now
    private let isShown = isatty(STDERR_FILENO) == 1
    private let last = Monitor<ContinuousClock.Instant?>(nil)

    private static let patience = Duration.seconds(2)
    private static let interval = Duration.milliseconds(200)

    package init(_ what: String, of total: Int) {
        self.what = what
        self.total = total
    }

    /// - Parameters:
    ///   - done: of the total.
    ///   - total: when it is known only now.
    package func report(_ done: Int, of total: Int? = nil) {
        let total = total ?? self.total
        guard isShown else { return }
        let now = ContinuousClock.now
        guard now - start > Self.patience else { return }
        let isDue = last.withLock { last in
            if let last, now - last < Self.interval { return false }
            last = now
            return true
        }
        if isDue {
            Console.write("\r\(what): \(done) of \(total) (\(100 * done / max(total, 1)) %)", to: STDERR_FILENO)
        }
    }

    /// Takes the line away again.
    package func finish() {
        if last.withLock({ $0 != nil }) { Console.write("\r\u{1B}[K", to: STDERR_FILENO) }
    }
}
