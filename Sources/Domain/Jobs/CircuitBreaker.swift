/// Keeps a broken relay from eating the queue: after a fault of the relay nothing goes by it for a while, then one job
/// goes out as a probe, and its outcome closes the breaker or opens it for longer. Where another relay takes the mail
/// meanwhile, a connection without a mail is made first. A value; the clock is handed in.
package struct CircuitBreaker: Sendable, Equatable {
    package enum State: Sendable, Equatable {
        /// Mail flows.
        case closed
        /// Nothing goes out before this time.
        case open(until: Instant)
        /// A connection is being made to see whether the relay is back.
        case checking
        /// One job is out to see whether the relay is back.
        case probing
    }

    package private(set) var state: State = .closed
    /// Faults in a row.
    package private(set) var consecutiveFailures = 0
    /// What the relay said last.
    package private(set) var reason = ""
    /// Whether a connection was made since the last fault.
    package private(set) var isReachable = false

    private let firstPause: TimeSpan
    private let longestPause: TimeSpan

    /// - Parameters:
    ///   - first: the pause after the first fault; it doubles with each further one.
    ///   - longest: the longest pause.
    package init(first: TimeSpan = .seconds(1), longest: TimeSpan = .seconds(60)) {
        self.firstPause = first
        self.longestPause = longest
    }

    package var isClosed: Bool { state == .closed }

    /// Whether the pause is over.
    package func isDue(at now: Instant) -> Bool {
        guard case .open(let until) = state else { return false }
        // A pause longer than any that is made here means that the clock was set back meanwhile.
        return until <= now || until > now + longestPause + longestPause
    }

    /// A job goes out as the probe.
    package mutating func probe() { state = .probing }

    /// A connection is being made.
    package mutating func check() { state = .checking }

    /// The connection was made: one job may go out as the probe.
    package mutating func checked(at now: Instant) {
        guard case .checking = state else { return }
        state = .open(until: now)
        isReachable = true
    }

    /// The relay did its part, whatever it said of one mail.
    package mutating func succeeded() {
        switch state {
        // Mail that was under way when the breaker opened proves nothing about the relay now.
        case .open, .checking: return
        case .closed, .probing: close()
        }
    }

    /// Lets mail flow.
    package mutating func close() {
        state = .closed
        consecutiveFailures = 0
        reason = ""
        isReachable = false
    }

    /// The relay failed.
    /// - Parameter random: uniform in 0..<1; spreads the return of several workers by ±20 %.
    package mutating func failed(at now: Instant, reason: String, random: Double) {
        // Lanes that fail together are one fault.
        if case .open = state { return }
        consecutiveFailures += 1
        self.reason = reason
        isReachable = false
        let doubled = Double(firstPause.milliseconds) * Double(1 << min(consecutiveFailures - 1, 20))
        let pause = min(doubled, Double(longestPause.milliseconds)) * (0.8 + 0.4 * random)
        state = .open(until: now + .milliseconds(Int64(pause)))
    }
}
