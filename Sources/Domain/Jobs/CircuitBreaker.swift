/// Keeps a broken relay from eating the queue: after a fault of the relay nothing is claimed for a while, then one job
/// goes out as a probe, and its outcome closes the breaker or opens it for longer. A value; the clock is handed in.
package struct CircuitBreaker: Sendable, Equatable {
    package enum State: Sendable, Equatable {
        /// Mail flows.
        case closed
        /// Nothing goes out before this time.
        case open(until: Instant)
        /// One job is out to see whether the relay is back.
        case probing
    }

    package private(set) var state: State = .closed
    /// Faults in a row.
    package private(set) var consecutiveFailures = 0
    /// What the relay said last.
    package private(set) var reason = ""

    private let firstPause: TimeSpan
    private let longestPause: TimeSpan

    /// - Parameters:
    ///   - first: the pause after the first fault; it doubles with each further one.
    ///   - longest: the longest pause.
    package init(first: TimeSpan = .seconds(1), longest: TimeSpan = .seconds(60)) {
        self.firstPause = first
        self.longestPause = longest
    }

    /// How many of `free` jobs may be claimed now.
    package func allowance(_ free: Int, at now: Instant) -> Int {
        switch state {
        case .closed: free
        // A pause longer than any that is made here means that the clock was set back meanwhile.
        case .open(let until): until <= now || until > now + longestPause + longestPause ? min(free, 1) : 0
        case .probing: 0
        }
    }

    /// A job was claimed: with the breaker open past its time, that is the probe.
    package mutating func claimed() {
        if case .open = state { state = .probing }
    }

    /// The claimed probe never reached the relay (it was refused or expired): the next job is the probe.
    package mutating func probeAbandoned(at now: Instant) {
        if case .probing = state { state = .open(until: now) }
    }

    /// The relay did its part, whatever it said of one mail.
    package mutating func succeeded() {
        // Mail that was under way when the breaker opened proves nothing about the relay now.
        if case .open = state { return }
        state = .closed
        consecutiveFailures = 0
        reason = ""
    }

    /// The relay failed.
    /// - Parameter random: uniform in 0..<1; spreads the return of several workers by ±20 %.
    package mutating func failed(at now: Instant, reason: String, random: Double) {
        // Lanes that fail together are one fault.
        if case .open = state { return }
        consecutiveFailures += 1
        self.reason = reason
        let doubled = Double(firstPause.milliseconds) * Double(1 << min(consecutiveFailures - 1, 20))
        let pause = min(doubled, Double(longestPause.milliseconds)) * (0.8 + 0.4 * random)
        state = .open(until: now + .milliseconds(Int64(pause)))
    }
}
