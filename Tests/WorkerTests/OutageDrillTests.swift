import Domain
import Support
import Testing
import Worker

/// A relay that is down for an hour while 5,000 people ask for a reset.
@Suite("Outage drill")
struct OutageDrillTests {
    private static let mailsPerSecond = 20
    private static let drill = Result {
        try OutageDrill.run { second in [second < OutageDrill.end ? .down : .takes(mailsPerSecond)] }
    }
    private let record: OutageDrill.Record

    init() throws { record = try Self.drill.get() }

    private var faults: [DrillRelay.Attempt] { record.attempts[0].filter { !$0.isDelivered } }
    private var deliveries: [DrillRelay.Attempt] { record.attempts[0].filter(\.isDelivered) }

    @Test("Nothing is lost: each request is mailed once, or ended as expired with its reason")
    func nothingLost() throws {
        let mailed = record.jobs.filter { $0.state == .done && $0.outcome == "mailed" }
        let expired = record.jobs.filter { $0.state == .dead && $0.outcome == "expired" }
        #expect(record.jobs.count == OutageDrill.requests)
        #expect(mailed.count + expired.count == OutageDrill.requests)
        #expect(expired.allSatisfy { $0.reason?.isEmpty == false })
        #expect(deliveries.count == mailed.count)
        #expect(Set(deliveries.map(\.mail.recipient)).count == mailed.count)
        // Half of them asked within half an hour of the relay's return, the life of a link; up to 72 s go by until the
        // worker finds out.
        #expect((2_380...2_510).contains(mailed.count), "\(mailed.count)")
    }

    @Test("Nothing is mailed whose link has expired")
    func nothingStale() {
        for delivery in deliveries { #expect(delivery.at < delivery.mail.date + ResetScene.linkLifetime) }
    }

    @Test("No attempt is spent on the relay's fault: each job has had the one that ended it")
    func noAttemptSpent() {
        #expect(Set(faults.map(\.mail.recipient)).count > 30)
        for job in record.jobs { #expect(job.attempts == 1, "job \(job.id)") }
    }

    @Test("The relay is probed with one mail at a time, ever more rarely, and at least every 72 s")
    func probes() throws {
        let times = faults.map { record.second($0.at) }
        let gaps = zip(times, times.dropFirst()).map { $1 - $0 }
        // 1, 2, 4, 8, 16, 32 s, each ±20 % and up to the next second of the drill, then a minute each.
        #expect((55...80).contains(times.count), "\(times.count)")
        for (gap, pause) in zip(gaps, [1, 2, 4, 8, 16, 32]) {
            #expect((Int64(Double(pause) * 0.8)...Int64(Double(pause) * 1.2) + 1).contains(gap), "\(gaps)")
        }
        for gap in gaps.dropFirst(6) { #expect((48...73).contains(gap), "\(gaps)") }
    }

    @Test("When the relay is back, the backlog goes out as fast as it takes it, over no more connections than lanes")
    func drain() throws {
        #expect(record.mostInHand == OutageDrill.lanes)
        let first = try #require(deliveries.first).at
        #expect((OutageDrill.end...OutageDrill.end + 73).contains(record.second(first)))
        // No mail is tried twice once the relay is up, and no second goes by unused.
        let seconds = Dictionary(grouping: deliveries) { record.second($0.at) }.mapValues(\.count)
            .sorted { $0.key < $1.key }
        for second in seconds.dropLast() { #expect(second.value == Self.mailsPerSecond, "\(second)") }
        #expect(zip(seconds, seconds.dropFirst()).allSatisfy { $1.key == $0.key + 1 })
        #expect(faults.allSatisfy { $0.at < first })
    }

    @Test("Who asked first is mailed first, but for those that are in the lanes' hands together")
    func fairness() throws {
        var latest = 0
        for delivery in deliveries {
            let number = try #require(Int(delivery.mail.recipient.dropFirst(4).prefix { $0 != "@" }))
            #expect(latest - number <= 8 * OutageDrill.lanes)
            latest = max(latest, number)
        }
    }

    @Test("The alerts tell the story, and end with it")
    func alerts() throws {
        let story = AlertSequenceTests(record.samples, start: record.start)
        let (late, veryLate, paused) = ("PulihMailLate", "PulihMailVeryLate", "PulihRelayPaused")
        let (expired, slow) = ("PulihRequestsExpired", "PulihWaitSlow")
        try story.check([
            (5, []), (7, []), (9, [paused, late]), (13, [paused, late, veryLate]), (34, [paused, late, veryLate]),
            (38, [paused, late, veryLate, expired]), (64, [paused, late, veryLate, expired, slow]),
            // The relay is back at minute 65; the last of them is mailed three minutes later.
            (70, [expired, slow]), (84, []), (110, []),
        ])
    }
}
