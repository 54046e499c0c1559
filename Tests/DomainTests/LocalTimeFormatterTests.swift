import Domain
import Foundation
import Support
import Testing

@Suite("Local time")
struct LocalTimeFormatterTests {
    /// Epoch milliseconds of a UTC time, by Foundation.
    private static func utc(
        _ year: Int, _ month: Int, _ day: Int, _ hour: Int = 0, _ minute: Int = 0, _ second: Int = 0
    ) throws -> Instant {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let components = DateComponents(
            year: year, month: month, day: day, hour: hour, minute: minute, second: second)
        let date = try #require(calendar.date(from: components))
        return Instant(milliseconds: Int64(date.timeIntervalSince1970) * 1000)
    }

    @Test(
        "One moment in three zones of Indonesia and in both languages",
        arguments: [
            (LocalTimeZone.wib, "Senin, 23 November 2026 pukul 22.34 WIB", "Monday, 23 November 2026, 22:34 WIB"),
            (.wita, "Senin, 23 November 2026 pukul 23.34 WITA", "Monday, 23 November 2026, 23:34 WITA"),
            (.wit, "Selasa, 24 November 2026 pukul 00.34 WIT", "Tuesday, 24 November 2026, 00:34 WIT"),
            (.utc, "Senin, 23 November 2026 pukul 15.34 UTC", "Monday, 23 November 2026, 15:34 UTC"),
        ])
    func zones(zone: LocalTimeZone, indonesian: String, english: String) throws {
        let instant = try Self.utc(2026, 11, 23, 15, 34, 5)
        #expect(LocalTimeFormatter(language: .indonesian, zone: zone).full(instant) == indonesian)
        #expect(LocalTimeFormatter(language: .english, zone: zone).full(instant) == english)
    }

    @Test("The year ends in each zone at its own midnight")
    func yearEnd() throws {
        let time = LocalTimeFormatter(language: .indonesian, zone: .wib)
        #expect(time.full(try Self.utc(2026, 12, 31, 16, 59, 59)) == "Kamis, 31 Desember 2026 pukul 23.59 WIB")
        #expect(time.full(try Self.utc(2026, 12, 31, 17, 0, 0)) == "Jumat, 1 Januari 2027 pukul 00.00 WIB")
        #expect(time.timestamp(try Self.utc(2026, 12, 31, 17, 0, 0)) == "2027-01-01 00:00:00 WIB")
        #expect(
            LocalTimeFormatter(language: .english, zone: .utc).timestamp(try Self.utc(2026, 12, 31, 23, 59, 59))
                == "2026-12-31 23:59:59 UTC")
    }

    @Test("Milliseconds are cut, not rounded: a minute is over when it is over")
    func milliseconds() throws {
        let end = try Self.utc(2027, 1, 1)
        #expect(
            LocalTimeFormatter(language: .english, zone: .utc).timestamp(end - .milliseconds(1))
                == "2026-12-31 23:59:59 UTC")
    }

    @Test("The mail header has the form of RFC 5322, in English whatever the language")
    func mailHeader() throws {
        for language in Language.allCases {
            let header = { (zone: LocalTimeZone, instant: Instant) in
                LocalTimeFormatter(language: language, zone: zone).mailHeader(instant)
            }
            #expect(header(.wib, try Self.utc(2026, 11, 23, 15, 34, 5)) == "Mon, 23 Nov 2026 22:34:05 +0700")
            #expect(header(.wita, try Self.utc(2026, 8, 31, 16, 0, 0)) == "Tue, 1 Sep 2026 00:00:00 +0800")
            #expect(header(.wit, try Self.utc(2028, 2, 28, 15, 0, 0)) == "Tue, 29 Feb 2028 00:00:00 +0900")
            #expect(header(.utc, try Self.utc(2026, 5, 3, 1, 2, 3)) == "Sun, 3 May 2026 01:02:03 +0000")
        }
    }

    @Test("Days from 1899 to 2101, and far days, are those of Foundation's calendar")
    func everyDay() throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let time = LocalTimeFormatter(language: .english, zone: .utc)
        let random = SeededRandom(5)
        let far = (0..<2_000).map { _ in random.below(3_000_000) }
        for day in stride(from: -25_933, to: 47_900, by: 7) + far {
            let date = Date(timeIntervalSince1970: Double(day) * 86_400)
            let found = calendar.dateComponents([.year, .month, .day, .weekday, .era], from: date)
            guard found.era == 1, let year = found.year, let month = found.month, let weekday = found.weekday else {
                continue
            }
            let expected = "\(days[weekday - 1]), \(found.day ?? 0) \(months[month - 1]) \(year) 00:00:00 +0000"
            #expect(time.mailHeader(Instant(milliseconds: Int64(day) * 86_400_000)) == expected)
        }
    }

    @Test("The ends of time are written somehow, and end no program", arguments: [Int64.min, -1, 0, .max])
    func endsOfTime(milliseconds: Int64) {
        for zone in LocalTimeZone.allCases {
            let time = LocalTimeFormatter(language: .indonesian, zone: zone)
            #expect(!time.full(Instant(milliseconds: milliseconds)).isEmpty)
        }
    }

    @Test(
        "A zone is known by its own name and the tz database's",
        arguments: [
            ("WIB", LocalTimeZone.wib), ("Asia/Jakarta", .wib), ("Asia/Pontianak", .wib), ("WITA", .wita),
            ("Asia/Makassar", .wita), ("WIT", .wit), ("Asia/Jayapura", .wit), ("UTC", .utc), ("Etc/UTC", .utc),
            ("Europe/Berlin", nil), ("wib", nil), ("", nil),
        ])
    func names(name: String, zone: LocalTimeZone?) {
        #expect(LocalTimeZone(named: name) == zone)
    }

    @Test(
        "A day or a minute as an operator types it is read in the zone, and nothing else is",
        arguments: [
            ("2026-12-01", 1_796_058_000_000), ("2026-12-01T08:00", 1_796_086_800_000), ("1970-01-01T07:00", 0),
            ("2028-02-29T23:59", 1_835_456_340_000), ("2027-02-29", nil), ("2026-13-01", nil), ("2026-00-10", nil),
            ("2026-04-31", nil), ("2026-12-01T24:00", nil), ("2026-12-01T08:60", nil), ("2026-12-01 08:00", nil),
            ("2026-12-1", nil), ("2026-12-01T08:00Z", nil), ("+026-12-01", nil), ("", nil),
            ("\u{0662}026-12-0", nil),
        ] as [(String, Int64?)])
    func typed(text: String, milliseconds: Int64?) {
        let time = LocalTimeFormatter(language: .english, zone: .wib)
        #expect(time.instant(text)?.milliseconds == milliseconds)
    }

    @Test("Sums of instants and spans end at the ends of time")
    func saturation() {
        let (first, last) = (Instant(milliseconds: .min), Instant(milliseconds: .max))
        #expect(last + .days(4) == last)
        #expect(first - .days(4) == first)
        #expect(first + .seconds(-1) == first)
        #expect(last - .seconds(-1) == last)
        #expect((last - first).milliseconds == .max)
        #expect((first - last).milliseconds == .min)
        #expect(Instant(milliseconds: 5) + .milliseconds(7) - .milliseconds(2) == Instant(milliseconds: 10))
    }

    @Test("Random units lie in 0..<1 and fill it")
    func units() {
        let random = SeededRandom(2)
        let units = (0..<2_000).map { _ in random.uniform() }
        #expect(units.allSatisfy { (0..<1).contains($0) })
        #expect((units.min() ?? 1) < 0.01 && (units.max() ?? 0) > 0.99)
        #expect(Set((0..<500).map { _ in random.requestID() }).count == 500)
    }
}
