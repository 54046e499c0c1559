/// A point in time: milliseconds since 1970-01-01T00:00:00Z. What the database stores and every rule counts in.
package struct Instant: Sendable, Hashable, Comparable, Codable, CustomStringConvertible {
    package let milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    package static func < (left: Instant, right: Instant) -> Bool { left.milliseconds < right.milliseconds }
    package static func + (instant: Instant, span: Span) -> Instant {
        Instant(milliseconds: instant.milliseconds + span.milliseconds)
    }
    package static func - (instant: Instant, span: Span) -> Instant {
        Instant(milliseconds: instant.milliseconds - span.milliseconds)
    }
    package static func - (left: Instant, right: Instant) -> Span {
        Span(milliseconds: left.milliseconds - right.milliseconds)
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
package struct Span: Sendable, Hashable, Comparable {
    package let milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    package static func milliseconds(_ count: Int64) -> Span { Span(milliseconds: count) }
    package static func seconds(_ count: Int64) -> Span { Span(milliseconds: count * 1000) }
    package static func minutes(_ count: Int64) -> Span { .seconds(count * 60) }
    package static func hours(_ count: Int64) -> Span { .minutes(count * 60) }
    package static func days(_ count: Int64) -> Span { .hours(count * 24) }

    package static func < (left: Span, right: Span) -> Bool { left.milliseconds < right.milliseconds }

    package var seconds: Double { Double(milliseconds) / 1000 }
}

/// Where the time comes from. Handed in everywhere, so that a test can say what time it is.
package protocol Clock: Sendable {
    func now() -> Instant
}
