import FoundationEssentials

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
        let time = parts(instant)
        let names = Self.names(language)
        let date = "\(names.days[time.weekday - 1]), \(time.day) \(names.months[time.month - 1]) \(time.year)"
        return switch language {
        case .indonesian: "\(date) pukul \(two(time.hour)).\(two(time.minute)) \(zone.rawValue)"
        case .english: "\(date), \(two(time.hour)):\(two(time.minute)) \(zone.rawValue)"
        }
    }

    /// `2026-11-23 22:34:05 WIB`, for operators.
    package func stamp(_ instant: Instant) -> String {
        let time = parts(instant)
        return "\(time.year)-\(two(time.month))-\(two(time.day)) "
            + "\(two(time.hour)):\(two(time.minute)):\(two(time.second)) \(zone.rawValue)"
    }

    /// `Mon, 23 Nov 2026 22:34:05 +0700` (RFC 5322 section 3.3), for mail headers, whatever the language.
    package func mailHeader(_ instant: Instant) -> String {
        let time = parts(instant)
        let names = Self.names(.english)
        return "\(names.days[time.weekday - 1].prefix(3)), \(time.day) \(names.months[time.month - 1].prefix(3)) "
            + "\(time.year) \(two(time.hour)):\(two(time.minute)):\(two(time.second)) "
            + "+\(two(zone.secondsFromUTC / 3600))00"
    }

    private func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    private struct Parts {
        let year: Int, month: Int, day: Int, weekday: Int, hour: Int, minute: Int, second: Int
    }

    private func parts(_ instant: Instant) -> Parts {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(secondsFromGMT: zone.secondsFromUTC) ?? .gmt
        let date = Date(timeIntervalSince1970: Double(instant.milliseconds) / 1000)
        let found = calendar.dateComponents([.year, .month, .day, .weekday, .hour, .minute, .second], from: date)
        return Parts(
            year: found.year ?? 1970, month: found.month ?? 1, day: found.day ?? 1, weekday: found.weekday ?? 1,
            hour: found.hour ?? 0, minute: found.minute ?? 0, second: found.second ?? 0)
    }

    private static func names(_ language: Language) -> (days: [String], months: [String]) {
        switch language {
        case .indonesian:
            (
                ["Minggu", "Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu"],
                [
                    "Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober",
                    "November", "Desember",
                ]
            )
        case .english:
            (
                ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"],
                [
                    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
                    "November", "December",
                ]
            )
        }
    }
}
