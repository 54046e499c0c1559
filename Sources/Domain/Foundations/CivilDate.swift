/// A day of the Gregorian calendar, reckoned without a calendar library: a letter names three of them, and asking
/// Foundation took longer than writing the rest of it.
struct CivilDate: Equatable {
    let year: Int
    /// 1 is January.
    let month: Int
    let day: Int
    /// 0 is Sunday.
    let weekday: Int
    let daysSince1970: Int64

    private static let daysIn400Years: Int64 = 146_097

    /// Years are reckoned from 1 March, so that a leap day is the last day of its year and moves no other.
    init(daysSince1970: Int64) {
        self.daysSince1970 = daysSince1970
        // 1 March of the year 0 lies 719,468 days before 1970. Every 400 years the calendar repeats itself.
        let (cycle, rest) = (daysSince1970 + 719_468).flooredDivision(by: Self.daysIn400Years)
        let dayOfCycle = Int(rest)
        // Leap days before this day: one in 4 years, none in 100, one in 400.
        let leapDays = dayOfCycle / 1_460 - dayOfCycle / 36_524 + dayOfCycle / 146_096
        let yearOfCycle = (dayOfCycle - leapDays) / 365
        let dayOfYear = dayOfCycle - (365 * yearOfCycle + yearOfCycle / 4 - yearOfCycle / 100)
        // From March on, five months have 153 days: 31, 30, 31, 30, 31, and so again.
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = Int(cycle) * 400 + yearOfCycle + (month <= 2 ? 1 : 0)
        // 1 January 1970 was a Thursday.
        weekday = Int((daysSince1970 + 4).flooredDivision(by: 7).remainder)
    }
}

extension CivilDate {
    /// A date that people wrote; nil when the calendar has no such day. Years 1970 to 9999.
    init?(year: Int, month: Int, day: Int) {
        guard (1970...9999).contains(year), (1...12).contains(month), (1...31).contains(day) else { return nil }
        // The reverse of the reckoning above, from 1 March of the year 0.
        let marchYear = month > 2 ? year : year - 1
        let monthFromMarch = (month + 9) % 12
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
        let days = 365 * marchYear + marchYear / 4 - marchYear / 100 + marchYear / 400 + dayOfYear - 719_468
        self.init(daysSince1970: Int64(days))
        guard self.year == year, self.month == month, self.day == day else { return nil }
    }
}

extension Int64 {
    /// Division that rounds down, so that the remainder is never negative.
    package func flooredDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
