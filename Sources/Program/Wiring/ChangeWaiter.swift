import Store
import Threading

/// Looks at a database again whenever another process has changed it.
final class ChangeWaiter {
    private let count: Monitor<Int>
    private let watcher: any ChangeWatcher
    /// Some things change without a commit: leases lapse, heartbeats grow old.
    private static let interval = Duration.seconds(1)

    init(_ database: Database) throws {
        let count = Monitor(0)
        self.count = count
        watcher = try database.watchChanges { count.withLock { $0 += 1 } }
    }

    func close() { watcher.close() }

    /// Calls `body` now, after every change and at least once a second, until it answers something.
    /// - Returns: nil when the time ran out.
    func poll<Result>(for seconds: Int, _ body: () throws -> Result?) rethrows -> Result? {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while true {
            let seen = count.withLock { $0 }
            if let result = try body() { return result }
            let left = ContinuousClock.now.duration(to: deadline)
            guard left > .zero else { return nil }
            let _: Bool? = count.wait(timeout: min(left, Self.interval)) { $0 == seen ? nil : true }
        }
    }
}
