package import Cryptography

/// Wrong answers in a row to one question.
package struct Failures: Sendable, Equatable {
    package let count: Int
    package let lastAt: Instant

    package init(count: Int, lastAt: Instant) {
        self.count = count
        self.lastAt = lastAt
    }
}

/// Whose failures are counted, and at what.
package struct FailureKey: Sendable, Hashable {
    package enum Factor: String, Sendable, CaseIterable {
        /// One User ID from one network address: a stranger elsewhere cannot keep the owner waiting.
        case password
        /// Codes of one account, which only who knows its password can try. Not forgotten by time, a new session, a
        /// restart or a right password (NIST SP 800-63B-4 section 3.2.2).
        case code
        /// Recovery codes of one account.
        case recovery
    }

    package let factor: Factor
    package let subject: String

    package static func code(_ account: Int64) -> FailureKey { FailureKey(factor: .code, subject: "\(account)") }
    package static func recovery(_ account: Int64) -> FailureKey {
        FailureKey(factor: .recovery, subject: "\(account)")
    }

    /// People type passwords into the User ID field, so the subject is a MAC and not what was typed. All spellings of a
    /// User ID share one count.
    package static func password(_ userID: String, from addressKey: String, key: SecretKey) -> FailureKey {
        let mac = HMAC.code(
            .sha256, key: key.derived(for: "login failures").bytes,
            message: Array("\(addressKey)\n\(CanonicalText.key(userID))".utf8))
        return FailureKey(factor: .password, subject: Base64URL.encode(mac))
    }
}

/// How long one has to wait after wrong answers: not at all after the first four, then twice as long each time, never
/// longer than a quarter of an hour.
package enum Throttle {
    /// The first failure that is followed by a wait.
    package static let firstDelayedFailure = 5
    /// Wrong codes in a row after which the owner is mailed.
    package static let noticeThreshold = 10
    /// No code is accepted after this many wrong ones in a row, until TOTP is reset (NIST SP 800-63B-4 section 3.2.2).
    package static let maximumCodes = 100
    /// Wrong passwords from one address within an hour, whatever the User IDs.
    package static let maximumPerAddress = 100
    /// After this long without an attempt wrong passwords are forgotten.
    package static let passwordMemory = TimeSpan.hours(12)

    private static let firstDelay = TimeSpan.seconds(10)
    private static let longestDelay = TimeSpan.minutes(15)

    package enum Decision: Sendable, Equatable {
        case allowed
        case wait(until: Instant)
        /// Waiting does not help any more.
        case stopped
    }

    package static func delay(after failures: Int) -> TimeSpan {
        guard failures >= firstDelayedFailure else { return .seconds(0) }
        let doublings = min(failures - firstDelayedFailure, 20)
        return min(.milliseconds(firstDelay.milliseconds << doublings), longestDelay)
    }

    package static func decision(_ failures: Failures?, of factor: FailureKey.Factor, at now: Instant) -> Decision {
        guard let failures else { return .allowed }
        if factor == .code && failures.count >= maximumCodes { return .stopped }
        let until = failures.lastAt + delay(after: failures.count)
        return now < until ? .wait(until: until) : .allowed
    }
}
