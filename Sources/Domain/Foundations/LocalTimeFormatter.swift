/// The languages people are spoken to in.
package enum Language: String, Sendable, CaseIterable, Codable {
    case indonesian = "id"
    case english = "en"
}

/// A time zone of Indonesia, or UTC. None of them has daylight saving time, so an offset is all there is to know.
package enum LocalTimeZone: String, Sendable, CaseIterable {
    case wib = "WIB"
    case wita = "WITA"
    case wit = "WIT"
    case utc = "UTC"

    /// Reads the zone's own name (`WIB`) or the tz database's (`Asia/Jakarta`).
    package init?(named name: String) {
        switch name {
        case "WIB", "Asia/Jakarta", "Asia/Pontianak": self = .wib
        case "WITA", "Asia/Makassar": self = .wita
        case "WIT", "Asia/Jayapura": self = .wit
        case "UTC", "Etc/UTC": self = .utc
        default: return nil
        }
    }

    package var secondsFromUTC: Int {
        switch self {
        case .wib: 7 * 3600
        case .wita: 8 * 3600
        case .wit: 9 * 3600
        case .utc: 0
        }
    }
}

/// Writes an instant as people of a language read it.
package struct LocalTimeFormatter: Sendable {
    package let language: Language
    package let zone: LocalTimeZone

    package init(language: Language, zone: LocalTimeZone) {
        self.language = language
        self.zone = zone
    }

    /// `Senin, 23 November 2026 pukul 22.34 WIB` or `Monday, 23 November 2026, 22:34 WIB`.
    package func full(_ instant: Instant) -> String {
        let (date, hour, minute, _) = parts(instant)
        let names = CalendarNames.of(language)
        let day = "\(names.days[date.weekday]), \(date.day) \(names.months[date.month - 1]) \(date.year)"
        return switch language {
        case .indonesian: "\(day) pukul \(twoDigits(hour)).\(twoDigits(minute)) \(zone.rawValue)"
        case .english: "\(day), \(twoDigits(hour)):\(twoDigits(minute)) \(zone.rawValue)"
        }
    }

    /// `2026-11-23 22:34:05 WIB`, for operators.
    package func timestamp(_ instant: Instant) -> String {
        let (date, hour, minute, second) = parts(instant)
        return
            "\(date.year)-\(twoDigits(date.month))-\(twoDigits(date.day)) \(twoDigits(hour)):\(twoDigits(minute)):\(twoDigits(second)) "
            + zone.rawValue
    }

    /// `22.34.05 WIB` or `22:34:05 WIB`: a time of today.
    package func timeOfDay(_ instant: Instant) -> String {
        let (_, hour, minute, second) = parts(instant)
        let separator = language == .indonesian ? "." : ":"
        return [hour, minute, second].map(twoDigits).joined(separator: separator) + " " + zone.rawValue
    }

    /// `Mon, 23 Nov 2026 22:34:05 +0700` (RFC 5322 section 3.3), for mail headers, whatever the language.
    package func mailHeader(_ instant: Instant) -> String {
        let (date, hour, minute, second) = parts(instant)
        let names = CalendarNames.of(.english)
        let day = "\(names.days[date.weekday].prefix(3)), \(date.day) \(names.months[date.month - 1].prefix(3))"
        return
            "\(day) \(date.year) \(twoDigits(hour)):\(twoDigits(minute)):\(twoDigits(second)) +\(twoDigits(zone.secondsFromUTC / 3600))00"
    }

    /// Reads `2026-12-01`, the midnight it begins with, or `2026-12-01T08:00`; nil for anything else and for days and
    /// times that there are not.
    package func instant(_ text: String) -> Instant? {
        let bytes = Array(text.utf8)
        func number(_ range: Range<Int>) -> Int? {
            let digits = bytes[range]
            guard digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
            return digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        }
        func isMark(_ mark: Unicode.Scalar, at index: Int) -> Bool { bytes[index] == UInt8(ascii: mark) }
        guard bytes.count == 10 || bytes.count == 16, isMark("-", at: 4), isMark("-", at: 7), let year = number(0..<4),
            let month = number(5..<7), let day = number(8..<10),
            let date = CivilDate(year: year, month: month, day: day)
        else { return nil }
        var minutes = 0
        if bytes.count == 16 {
            guard isMark("T", at: 10), isMark(":", at: 13), let hour = number(11..<13), hour < 24,
                let minute = number(14..<16), minute < 60
            else { return nil }
            minutes = hour * 60 + minute
        }
        let local = Instant(milliseconds: (date.daysSince1970 * 1440 + Int64(minutes)) * 60_000)
        return local - .seconds(Int64(zone.secondsFromUTC))
    }

    private func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    private func parts(_ instant: Instant) -> (date: CivilDate, hour: Int, minute: Int, second: Int) {
        let local = instant + .seconds(Int64(zone.secondsFromUTC))
        let (day, rest) = local.milliseconds.flooredDivision(by: 86_400_000)
        let seconds = Int(rest / 1000)
        return (CivilDate(daysSince1970: day), seconds / 3600, seconds / 60 % 60, seconds % 60)
    }
}

/// The names of days, Sunday first, and months.
private struct CalendarNames: Sendable {
    let days: [String]
    let months: [String]

    static func of(_ language: Language) -> CalendarNames {
        switch language {
        case .indonesian: indonesian
        case .english: english
        }
    }

    private static let indonesian = CalendarNames(
        days: ["Minggu", "Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu"],
        months: [
            "Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober",
            "November", "Desember",
        ])

    private static let english = CalendarNames(
        days: ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"],
        months: [
            "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
            "November", "December",
        ])
}
