import Domain
import Foundation
import SQL
import Support
import Testing

@testable import Operations

/// The pictures of the last day.
struct DailyStatisticsTests {
    private static let now = OperationsFixture.start

    private static func statistic(
        _ name: Statistic.Name, _ label: String = "", ago minutes: Int64, _ count: Int
    ) -> Statistic {
        Statistic(
            slot: Statistic.slot(of: now - .minutes(minutes)), name: name, kind: "k", label: label, count: count,
            total: 0)
    }

    @Test func whatHappenedStandsInItsHalfHour() {
        // Now is 18:06:40: the last half hour began at 18:00.
        let day = DailyStatistics(
            [
                Self.statistic(.arrived, ago: 0, 3), Self.statistic(.arrived, ago: 5, 4),
                Self.statistic(.arrived, ago: 10, 5),
                Self.statistic(.finished, "mailed", ago: 10, 2), Self.statistic(.finished, "refused", ago: 10, 1),
                Self.statistic(.finished, "rejected", ago: 10, 1), Self.statistic(.finished, "expired", ago: 10, 1),
                Self.statistic(.waited, "0.05", ago: 10, 4), Self.statistic(.waited, "+Inf", ago: 10, 1),
                Self.statistic(.arrived, ago: 60 * 24, 100), Self.statistic(.retried, "temporary", ago: 0, 9),
            ], at: Self.now)
        #expect(day.slots.count == 48)
        let (last, before) = (day.slots[47], day.slots[46])
        #expect(last.start == Self.now - .seconds(400) && last.arrived == 7)
        #expect(before.arrived == 5 && before.mailed == 2 && before.refused == 1 && before.failed == 2)
        #expect(before.waits(.second) == 4 && before.waits(.longer) == 1 && before.waits(.minute) == 0)
        #expect(day.sum(\.arrived) == 12, "what is older than the picture is not in it")
    }

    @Test(
        arguments: zip(
            HistogramBuckets.bounds + [.infinity],
            [
                .second, .second, .second, .second, .second, .second, .second, .second, .second, .tenSeconds,
                .tenSeconds,
                .tenSeconds, .minute, .minute, .fiveMinutes, .fiveMinutes, .halfHour, .halfHour, .longer, .longer,
            ] as [WaitTimeBucket]))
    func everyBucketHasItsClass(bound: Double, wait: WaitTimeBucket) { #expect(WaitTimeBucket(bound: bound) == wait) }

    @Test func thePicturesTellTheSameAsTheTable() throws {
        let fixture = try OperationsFixture()
        try fixture.report()
        for _ in 0..<3 { try fixture.enqueue() }
        try fixture.settle(.done(outcome: .mailed, reason: "250 OK"))
        try fixture.settle(.done(outcome: .refused, reason: "totp-off"))
        try fixture.settle(.dead(outcome: .rejected, reason: "550"))
        let page = try fixture.page("/")
        #expect(page.contains("<title>18:00–18:30: Came in 3, Mailed 1, Not passed 1, Failed 1</title>"))
        #expect(page.contains("3 came in, 1 were mailed, 1 did not pass the checks, 1 failed."))
        #expect(page.contains("3 jobs were taken up, 0 of them after more than five minutes."))
        #expect(page.contains(#"<th scope="row">18:00–18:30</th>"#))
        // Three of three reach the top; a third each is mailed, and refused on top of it; one hangs below the base line.
        #expect(page.contains(#"<path class="bar-mailed" d="M471 100v-33.3h8v33.3z"/>"#))
        #expect(page.contains(#"<path class="bar-refused" d="M471 66.7v-33.3h8v33.3z"/>"#))
        #expect(page.contains(#"<path class="bar-failed" d="M471 100v33.3h8v-33.3z"/>"#))
        #expect(page.contains(#"V100H470V0H480"/>"#))
        #expect(page.contains(#"<rect class="cell-good" x="470" y="50" width="10" height="10" fill-opacity="0.8"/>"#))
        #expect(page.matches(of: #/\sstyle=/#).isEmpty)
    }

    @Test func nothingIsDrawnOutsideThePicture() throws {
        let fixture = try OperationsFixture()
        for (number, name, label) in [(1, "arrived", ""), (777, "finished", "mailed"), (4321, "finished", "rejected")] {
            try fixture.sql(
                "INSERT INTO tally VALUES ($1, $2, 'k', $3, $4, 0)",
                [
                    .integer(Statistic.slot(of: Self.now).milliseconds), .text(name), .text(label),
                    .integer(Int64(number)),
                ])
        }
        let page = try fixture.page("/")
        let bar = try #require(page.firstMatch(of: /class="bar-failed" d="M471 100v([0-9.]+)h/))
        #expect(try #require(Double(bar.1)) <= 40)
        #expect(page.contains("<span>20000</span>"), "both halves have one scale: 4321 in 40 of 140 is 10803 in 100")
    }
}
