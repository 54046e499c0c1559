package import Domain
import Threading

/// A clock that stands still until the test moves it.
package final class FixedClock: Domain.Clock {
    private let instant: Monitor<Instant>

    /// - Parameter start: Monday, 23 November 2026, 08:00:00 UTC, unless said.
    package init(_ start: Instant = Instant(milliseconds: 1_795_420_800_000)) { instant = Monitor(start) }

    package func now() -> Instant { instant.withLock { $0 } }

    package func set(_ new: Instant) { instant.withLock { $0 = new } }

    /// - Returns: the time it is then.
    @discardableResult
    package func advance(_ span: TimeSpan) -> Instant {
        instant.withLock { instant in
            instant = instant + span
            return instant
        }
    }
}
