import Domain
import Support
import Testing

@testable import Program

struct ClockAlarmTests {
    @Test("A clock that is off is told once, again when it is off by another second, and when it is right again")
    func words() {
        let logger = TestLogger()
        let alarm = ClockAlarm(logger)
        for milliseconds: Int64 in [3, -900, 2_500, 2_600, 3_400, 3_600, 400, 10, -86_400_000, -86_400_100] {
            alarm.heed(.milliseconds(milliseconds))
        }
        let told = logger.lines.map { $0.split(separator: " ").prefix(3).joined(separator: " ") }
        #expect(
            told == [
                "warning clock.off seconds=2.5", "warning clock.off seconds=3.6", "info clock.agrees seconds=0.4",
                "warning clock.off seconds=-86400.0",
            ])
        #expect(logger.lines[0].contains("the database server's clock is 2.5 s ahead of this machine's"))
    }
}
