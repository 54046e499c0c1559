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
package struct LocalTime: Sendable {
    package let language: Language
    package let zone: LocalTimeZone

    package init(language: Language, zone: LocalTimeZone) {
        self.language = language
        self.zone = zone
    }

    /// `Senin, 23 November 2026 pukul 22.34 WIB` or `Monday, 23 November 2026, 22:34 WIB`.
    package func full(_ instant: Instant) -> String {
        let (date, hour, minute, _) = parts(instant)
        let names = Names.of(language)
        let day = "\(names.days[date.weekday]), \(date.day) \(names.months[date.month - 1]) \(date.year)"
        return switch language {
        case .indonesian: "\(day) pukul \(two(hour)).\(two(minute)) \(zone.rawValue)"
        case .english: "\(day), \(two(hour)):\(two(minute)) \(zone.rawValue)"
        }
    }

    /// `2026-11-23 22:34:05 WIB`, for operators.
    package func stamp(_ instant: Instant) -> String {
        let (date, hour, minute, second) = parts(instant)
        return "\(date.year)-\(two(date.month))-\(two(date.day)) \(two(hour)):\(two(minute)):\(two(second)) "
            + zone.rawValue
    }

    /// `22.34.05 WIB` or `22:34:05 WIB`: a time of today.
    package func clock(_ instant: Instant) -> String {
        let (_, hour, minute, second) = parts(instant)
        let separator = language == .indonesian ? "." : ":"
        return [hour, minute, second].map(two).joined(separator: separator) + " " + zone.rawValue
    }

    /// `Mon, 23 Nov 2026 22:34:05 +0700` (RFC 5322 section 3.3), for mail headers, whatever the language.
    package func mailHeader(_ instant: Instant) -> String {
        let (date, hour, minute, second) = parts(instant)
        let names = Names.of(.english)
        let day = "\(names.days[date.weekday].prefix(3)), \(date.day) \(names.months[date.month - 1].prefix(3))"
        return "\(day) \(date.year) \(two(hour)):\(two(minute)):\(two(second)) +\(two(zone.secondsFromUTC / 3600))00"
    }

    private func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    private func parts(_ instant: Instant) -> (date: CivilDate, hour: Int, minute: Int, second: Int) {
        let local = instant + .seconds(Int64(zone.secondsFromUTC))
        let (day, rest) = local.milliseconds.flooredDivision(by: 86_400_000)
        let seconds = Int(rest / 1000)
        return (CivilDate(daysSince1970: day), seconds / 3600, seconds / 60 % 60, seconds % 60)
    }
}

/// The names of days, Sunday first, and months.
private struct Names: Sendable {
    let days: [String]
    let months: [String]

    static func of(_ language: Language) -> Names {
        switch language {
        case .indonesian: indonesian
        case .english: english
        }
    }

    private static let indonesian = Names(
        days: ["Minggu", "Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu"],
        months: [
            "Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober",
            "November", "Desember",
        ])

    private static let english = Names(
        days: ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"],
        months: [
            "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
            "November", "December",
        ])
}
