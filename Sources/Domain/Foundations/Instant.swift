/// A point in time: milliseconds since 1970-01-01T00:00:00Z. What the database stores and every rule counts in.
///
/// Sums end at the ends of Int64 rather than the program: an outside program may write any number into a job.
package struct Instant: Sendable, Hashable, Comparable, Codable, CustomStringConvertible {
    package let milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    package static func < (left: Instant, right: Instant) -> Bool { left.milliseconds < right.milliseconds }
    package static func + (instant: Instant, span: TimeSpan) -> Instant {
        Instant(milliseconds: sum(instant.milliseconds, span.milliseconds))
    }
    package static func - (instant: Instant, span: TimeSpan) -> Instant {
        Instant(milliseconds: difference(instant.milliseconds, span.milliseconds))
    }
    package static func - (left: Instant, right: Instant) -> TimeSpan {
        TimeSpan(milliseconds: difference(left.milliseconds, right.milliseconds))
    }

    private static func sum(_ left: Int64, _ right: Int64) -> Int64 {
        let (sum, isOver) = left.addingReportingOverflow(right)
        return isOver ? (right < 0 ? .min : .max) : sum
    }

    private static func difference(_ left: Int64, _ right: Int64) -> Int64 {
        let (difference, isOver) = left.subtractingReportingOverflow(right)
        return isOver ? (right < 0 ? .max : .min) : difference
    }

    package init(from decoder: any Decoder) throws {
        milliseconds = try decoder.singleValueContainer().decode(Int64.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(milliseconds)
    }

    package var description: String { "\(milliseconds)" }
}

/// A length of time in milliseconds.
package struct TimeSpan: Sendable, Hashable, Comparable {
    package let milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    package static func milliseconds(_ count: Int64) -> TimeSpan { TimeSpan(milliseconds: count) }
    package static func seconds(_ count: Int64) -> TimeSpan { TimeSpan(milliseconds: count * 1000) }
    package static func minutes(_ count: Int64) -> TimeSpan { .seconds(count * 60) }
    package static func hours(_ count: Int64) -> TimeSpan { .minutes(count * 60) }
    package static func days(_ count: Int64) -> TimeSpan { .hours(count * 24) }

    package static func < (left: TimeSpan, right: TimeSpan) -> Bool { left.milliseconds < right.milliseconds }

    package var seconds: Double { Double(milliseconds) / 1000 }
}

/// Where the time comes from. Handed in everywhere, so that a test can say what time it is.
package protocol Clock: Sendable {
    func now() -> Instant
}
