import Domain
import Pages

/// Times and spans in the words of the reader.
struct Moments: Sendable {
    private let time: LocalTime
    private let words: Words
    private let now: Instant

    init(_ language: Language, _ words: Words, zone: LocalTimeZone, now: Instant) {
        time = LocalTime(language: language, zone: zone)
        self.words = words
        self.now = now
    }

    /// `2026-11-23 22:34:05 WIB`.
    func stamp(_ instant: Instant) -> String { time.stamp(instant) }

    /// The time of day, and before it the date when that is not today's: `22:34:05`.
    func short(_ instant: Instant) -> String {
        let (stamp, today) = (parts(instant), parts(now))
        return stamp.date == today.date ? stamp.time : "\(stamp.date) \(stamp.time)"
    }

    func age(_ instant: Instant) -> String { span(max(now - instant, .seconds(0))) }

    /// In the largest unit that holds at least two of it: `90 s`, `5 min`, `30 h`, `3 d`.
    func span(_ span: Span) -> String {
        let units: [(String, Span)] = [("days", .days(1)), ("hours", .hours(1)), ("minutes", .minutes(1))]
        let (unit, length) = units.first { span.milliseconds >= 2 * $0.1.milliseconds } ?? ("seconds", .seconds(1))
        return words.sentence(unit, ["count": "\(span.milliseconds / length.milliseconds)"])
    }

    private func parts(_ instant: Instant) -> (date: String, time: String) {
        let parts = time.stamp(instant).split(separator: " ")
        return (String(parts[0]), String(parts[1]))
    }
}
