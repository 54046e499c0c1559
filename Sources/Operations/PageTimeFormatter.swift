import Domain
import Pages

/// Times and spans in the words of the reader.
struct PageTimeFormatter: Sendable {
    private let time: LocalTimeFormatter
    private let words: Words
    private let now: Instant

    init(_ language: Language, _ words: Words, zone: LocalTimeZone, now: Instant) {
        time = LocalTimeFormatter(language: language, zone: zone)
        self.words = words
        self.now = now
    }

    /// `2026-11-23 22:34:05 WIB`.
    func stamp(_ instant: Instant) -> String { time.timestamp(instant) }

    /// The time of day, and before it the date when that is not today's: `22:34:05`.
    func short(_ instant: Instant) -> String {
        let (stamp, today) = (parts(instant), parts(now))
        return stamp.date == today.date ? stamp.time : "\(stamp.date) \(stamp.time)"
    }

    /// The time of day without seconds: `22:34`.
    func minute(_ instant: Instant) -> String { String(parts(instant).time.prefix(5)) }

    func age(_ instant: Instant) -> String { span(max(now - instant, .seconds(0))) }

    /// In the largest unit that holds at least two of it: `90 s`, `5 min`, `30 h`, `3 d`.
    func span(_ span: TimeSpan) -> String {
        let units: [(String, TimeSpan)] = [("days", .days(1)), ("hours", .hours(1)), ("minutes", .minutes(1))]
        let (unit, length) = units.first { span.milliseconds >= 2 * $0.1.milliseconds } ?? ("seconds", .seconds(1))
        return words.sentence(unit, ["count": "\(span.milliseconds / length.milliseconds)"])
    }

    /// A measured time: `40 ms`, `2.5 s`, and from ten seconds on as `span` has it.
    func duration(_ seconds: Double) -> String {
        guard seconds < 10 else { return span(.milliseconds(Int64(min(seconds, 1e9) * 1000))) }
        guard seconds >= 1 else {
            return words.sentence("milliseconds", ["count": "\(Int((max(seconds, 0) * 1000).rounded()))"])
        }
        return words.sentence("seconds", ["count": decimal(seconds)])
    }

    /// With so many digits behind the point or comma.
    func decimal(_ number: Double, digits: Int = 1) -> String {
        let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
        let figures = "\(Int64((max(number, 0) * scale).rounded()))"
        let padded = String(repeating: "0", count: max(0, digits + 1 - figures.count)) + figures
        return "\(padded.dropLast(digits))\(time.language == .indonesian ? "," : ".")\(padded.suffix(digits))"
    }

    private func parts(_ instant: Instant) -> (date: String, time: String) {
        let parts = time.timestamp(instant).split(separator: " ")
        return (String(parts[0]), String(parts[1]))
    }
}
