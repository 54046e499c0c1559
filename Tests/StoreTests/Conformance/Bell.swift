import Threading

/// Counts how often it was rung, from any thread.
struct Bell: Sendable {
    private let rings = Monitor(0)

    func ring() { rings.withLock { $0 += 1 } }
    var count: Int { rings.withLock { $0 } }

    /// Whether it has rung more than `count` times within the time.
    func rang(beyond count: Int, within timeout: Duration) -> Bool {
        rings.wait(timeout: timeout) { $0 > count ? true : nil } ?? false
    }
}
