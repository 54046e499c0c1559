import Domain
import Support
import Testing
import Threading

struct OffsetClockTests {
    @Test("It is the machine's own clock with the difference added, as it is at that moment")
    func offset() {
        let own = FixedClock()
        let offset = Monitor(TimeSpan.seconds(0))
        let clock = OffsetClock(own) { offset.withLock { $0 } }
        #expect(clock.now() == own.now())
        offset.withLock { $0 = .minutes(-3) }
        #expect(clock.now() == own.now() - .minutes(3))
        own.advance(.seconds(5))
        #expect(clock.now() == own.now() - .minutes(3))
    }

    @Test("Clocks that differ by more than a second are told as off, whichever is ahead")
    func tolerance() {
        #expect([0, 1000, -1000].allSatisfy { !TimeSpan.milliseconds($0).isClockOff })
        #expect([1001, -1001].allSatisfy { TimeSpan.milliseconds($0).isClockOff })
        #expect(TimeSpan.milliseconds(1500).clockStanding == "1.5 s ahead of")
        #expect(TimeSpan.milliseconds(-90_000).clockStanding == "90.0 s behind")
    }
}
