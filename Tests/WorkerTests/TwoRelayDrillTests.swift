import Domain
import Support
import Testing
import Worker

/// Two relays, of which the first is down for an hour while 5,000 people ask for a reset: for forty minutes the second takes
/// one mail a second, less than come in, then it is down as well; then the first is back.
@Suite("Outage drill with two relays")
struct TwoRelayDrillTests {
    private static let secondFails: Int64 = 45 * 60
    private static let drill = Result {
        try OutageDrill.run { second in
            [
                (OutageDrill.begin..<OutageDrill.end).contains(second) ? .down : .takes(20),
                (secondFails..<OutageDrill.end + 600).contains(second) ? .down : .takes(1),
            ]
        }
    }
    private let record: OutageDrill.Record

    init() throws { record = try Self.drill.get() }

    private func deliveries(by relay: Int) -> [DrillRelay.Attempt] { record.attempts[relay].filter(\.isDelivered) }

    private var all: [DrillRelay.Attempt] {
        record.attempts.flatMap { $0.filter(\.isDelivered) }.sorted { $0.at < $1.at }
    }

    @Test("Nothing is lost and nothing goes twice: each request is mailed once, or ended as expired with its reason")
    func nothingLost() throws {
        let mailed = record.jobs.filter { $0.state == .done && $0.outcome == "mailed" }
        let expired = record.jobs.filter { $0.state == .dead && $0.outcome == "expired" }
        #expect(mailed.count + expired.count == OutageDrill.requests)
        #expect(expired.allSatisfy { $0.reason?.isEmpty == false })
        #expect(all.count == mailed.count)
        #expect(Set(all.map(\.mail.recipient)).count == mailed.count)
        for delivery in all { #expect(delivery.at < delivery.mail.date + ResetScene.linkLifetime) }
        #expect(record.jobs.allSatisfy { $0.attempts == 1 }, "no attempt is spent on a relay's fault")
    }

    @Test("While the first is down the second takes all that it can, from the same second on")
    func fallback() throws {
        let seconds = deliveries(by: 1).map { record.second($0.at) }
        #expect(seconds.first.map { $0 <= OutageDrill.begin + 2 } == true, "\(seconds.first ?? -1)")
        #expect(seconds.last.map { $0 < Self.secondFails } == true)
        #expect(seconds.count >= Int(Self.secondFails - OutageDrill.begin) - 3, "\(seconds.count)")
    }

    @Test(
        "No mail waits for the first while the second takes mail: connections without one find out, and so they do later"
    )
    func probes() {
        let tried = record.attempts[0].filter { !$0.isDelivered }.map { record.second($0.at) }
        let during = tried.filter { $0 < Self.secondFails }
        // Those that were in the lanes' hands when it failed.
        #expect(during.count <= OutageDrill.lanes && during.allSatisfy { $0 <= OutageDrill.begin + 2 }, "\(during)")
        // With both down, mails try both, at least every 72 s each.
        #expect((10...80).contains(tried.count - during.count), "\(tried)")
        #expect(record.mostInHand <= OutageDrill.lanes)
    }

    @Test("When the first is back all mail goes by it, as fast as it takes it; the second is not asked any more")
    func comeback() throws {
        let back = deliveries(by: 0).filter { record.second($0.at) >= OutageDrill.end }
        #expect(back.first.map { record.second($0.at) <= OutageDrill.end + 73 } == true)
        let seconds = Dictionary(grouping: back) { record.second($0.at) }.mapValues(\.count).sorted { $0.key < $1.key }
        for second in seconds.dropFirst().dropLast() { #expect(second.value == 20, "\(second)") }
        #expect(deliveries(by: 1).allSatisfy { record.second($0.at) < OutageDrill.end })
    }

    @Test("Who asked first is mailed first, but for those that are in the lanes' hands together")
    func order() throws {
        var latest = 0
        for delivery in all {
            let number = try #require(Int(delivery.mail.recipient.dropFirst(4).prefix { $0 != "@" }))
            // Passed over by as many at most as a worker has in hand: eight for each lane.
            #expect(latest - number <= 8 * OutageDrill.lanes)
            latest = max(latest, number)
        }
    }

    @Test("The alerts tell that another relay is used, then that none takes mail, and end with it")
    func alerts() throws {
        let story = AlertSequenceTests(record.samples, start: record.start)
        let (fallback, paused) = ("PulihRelayFallback", "PulihRelayPaused")
        try story.check(
            [(5, []), (12, [fallback]), (44, [fallback]), (50, [paused]), (64, [paused]), (80, [])],
            among: "PulihRelay(Fallback|Paused)")
    }
}
