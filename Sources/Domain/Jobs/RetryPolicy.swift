/// When to try again. A value: the randomness is handed in.
package struct RetryPolicy: Sendable, Equatable {
    /// Waits after the first, second … attempt; the last one repeats until the job's life ends.
    package let delays: [TimeSpan]
    /// How far a wait may stray, as a part of it: 0.2 is ±20 %. Keeps jobs that failed together from returning together.
    package let jitter: Double

    package init(delays: [TimeSpan], jitter: Double) {
        self.delays = delays
        self.jitter = jitter
    }

    /// 5 s, 15 s, 45 s, 2 min, 5 min: a reset link lives minutes, not days.
    package static let link = RetryPolicy(
        delays: [.seconds(5), .seconds(15), .seconds(45), .minutes(2), .minutes(5)], jitter: 0.2)

    /// The same start, then hours: a notice is worth sending days later (RFC 5321 section 4.5.4.1 asks for 4-5 days).
    package static let notice = RetryPolicy(
        delays: link.delays + [.minutes(15), .hours(1), .hours(4)], jitter: 0.2)

    /// Seconds at first, for a receiver that restarts; hours later, for one that somebody has to mend.
    package static let webhook = RetryPolicy(
        delays: [
            .seconds(5), .seconds(30), .minutes(2), .minutes(10), .minutes(30), .hours(1), .hours(2), .hours(4),
            .hours(8),
        ], jitter: 0.2)

    package static func policy(for kind: JobKind) -> RetryPolicy {
        switch kind {
        case .resetRequest, .mailTest: link
        case .resetNotice, .activationNotice, .disablingNotice, .failureNotice, .recoveryNotice: notice
        case .webhook, .logout: webhook
        }
    }

    /// The wait after the attempt with this number.
    /// - Parameters:
    ///   - attempt: 1 for the first.
    ///   - random: uniform in 0..<1.
    package func delay(after attempt: Int, random: Double) -> TimeSpan {
        let base = delays[min(max(attempt, 1), delays.count) - 1]
        return .milliseconds(Int64(Double(base.milliseconds) * (1 + jitter * (2 * random - 1))))
    }

    /// When to try again, or nil when that would be past the end of the job's life.
    package func next(after attempt: Int, at now: Instant, until expiry: Instant, random: Double) -> Instant? {
        let next = now + delay(after: attempt, random: random)
        return next < expiry ? next : nil
    }
}
