/// A clock that machines share, as far as one of them knows it: its own with the difference added.
package struct OffsetClock: Clock {
    /// Rules of machines whose clocks differ by no more agree on what is over.
    package static let tolerance = TimeSpan.seconds(1)

    private let own: any Clock
    private let offset: @Sendable () -> TimeSpan

    /// - Parameter offset: by how much the shared clock is ahead of `own`; asked each time.
    package init(_ own: any Clock, offset: @escaping @Sendable () -> TimeSpan) {
        self.own = own
        self.offset = offset
    }

    package func now() -> Instant { own.now() + offset() }
}

extension TimeSpan {
    /// Whether two clocks that differ by this are told of as one that is off.
    package var isClockOff: Bool { abs(milliseconds) > OffsetClock.tolerance.milliseconds }

    /// How one clock stands to another that it is this much ahead of: `1.5 s ahead of`.
    package var clockStanding: String { "\(abs(seconds)) s \(milliseconds < 0 ? "behind" : "ahead of")" }
}
