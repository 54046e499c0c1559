import Foundation

/// Looks again and again for a state that announces itself by no event.
///
/// The last resort of a test: a line of output, an exit or a message that arrived is to be waited for instead
/// (`Subprocess`, `MailServer`), because a poll is late by its interval and hides what happened between two looks.
package enum Eventually {
    package static let interval: Duration = .milliseconds(20)

    /// The first value that `look` finds, or a failure that names `what` once `timeout` has passed.
    package static func value<Value>(
        _ what: String, timeout: Duration = .seconds(5), _ look: () throws -> Value?
    ) throws -> Value {
        let deadline = ContinuousClock.now + timeout
        while true {
            if let value = try look() { return value }
            guard ContinuousClock.now < deadline else {
                throw SupportFailure("\(what): not so within \(timeout)")
            }
            Thread.sleep(forTimeInterval: interval / .seconds(1))
        }
    }

    /// Returns once `condition` is true.
    package static func holds(
        _ what: String, timeout: Duration = .seconds(5), _ condition: () throws -> Bool
    ) throws {
        try value(what, timeout: timeout) { try condition() ? () : nil }
    }
}
