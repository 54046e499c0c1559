import Foundation

/// A value behind a lock, on which threads can wait for a condition.
///
/// `@unchecked Sendable` holds because `value` is touched only between `lock()` and `unlock()` of `condition`.
package final class Monitor<Value: Sendable>: @unchecked Sendable {
    private let condition = NSCondition()
    private var value: Value

    package init(_ value: Value) { self.value = value }

    package var current: Value { condition.withLock { value } }

    /// Changes the value and wakes every waiting thread.
    package func change<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
        condition.lock()
        defer {
            condition.broadcast()
            condition.unlock()
        }
        return try body(&value)
    }

    /// Blocks until `answer` finds what it looks for; nil once `timeout` has passed without it (never, by default).
    ///
    /// `answer` is asked at the start and after each change, with the lock held: it must not use this monitor.
    package func wait<Result>(_ timeout: Duration? = nil, for answer: (Value) throws -> Result?) rethrows -> Result? {
        let deadline = timeout.map { Date(timeIntervalSinceNow: $0 / .seconds(1)) }
        return try condition.withLock {
            while true {
                if let result = try answer(value) { return result }
                guard let deadline else {
                    condition.wait()
                    continue
                }
                guard condition.wait(until: deadline) else { return try answer(value) }
            }
        }
    }
}
