import Domain
import Testing

/// The breaker as a state machine: every state meets every event.
@Suite("Circuit breaker")
struct CircuitBreakerTests {
    private static let now = Instant(milliseconds: 1_000_000)

    enum Start: CaseIterable { case closed, paused, past, checking, probing }
    enum Event: CaseIterable { case checked, succeeded, failed }
    enum End { case closed, paused, past, reachable, checking, pausedLonger, unchanged }

    /// What each event makes of each state.
    private static let table: [Start: [Event: End]] = [
        .closed: [.checked: .unchanged, .succeeded: .closed, .failed: .paused],
        // Late news from before the pause neither ends nor lengthens it.
        .paused: [.checked: .unchanged, .succeeded: .paused, .failed: .paused],
        .past: [.checked: .unchanged, .succeeded: .past, .failed: .past],
        .checking: [.checked: .reachable, .succeeded: .checking, .failed: .pausedLonger],
        .probing: [.checked: .unchanged, .succeeded: .closed, .failed: .pausedLonger],
    ]

    private static func breaker(_ start: Start) -> CircuitBreaker {
        var breaker = CircuitBreaker(first: .seconds(1), longest: .seconds(60))
        let since = start == .paused ? now : now - .seconds(1)
        if start != .closed { breaker.failed(at: since, reason: "refused", random: 0.5) }
        if start == .checking { breaker.check() }
        if start == .probing { breaker.probe() }
        return breaker
    }

    private static let pairs = Start.allCases.flatMap { start in Event.allCases.map { (start, $0) } }

    @Test("Every event in every state", arguments: pairs)
    func transitions(start: Start, event: Event) throws {
        var breaker = Self.breaker(start)
        let before = breaker
        switch event {
        case .checked: breaker.checked(at: Self.now)
        case .succeeded: breaker.succeeded()
        case .failed: breaker.failed(at: Self.now, reason: "again", random: 0.5)
        }
        switch try #require(Self.table[start]?[event]) {
        case .closed:
            #expect(breaker.isClosed)
            #expect((breaker.consecutiveFailures, breaker.reason) == (0, ""))
        case .paused:
            #expect(breaker.state == .open(until: Self.now + .seconds(1)))
            #expect(breaker.consecutiveFailures == 1)
        case .past:
            #expect(breaker.state == .open(until: Self.now))
            #expect(breaker.consecutiveFailures == 1)
        case .reachable:
            #expect(breaker.isDue(at: Self.now) && breaker.isReachable)
            #expect((breaker.consecutiveFailures, breaker.reason) == (1, "refused"))
        case .checking: #expect(breaker.state == .checking)
        case .pausedLonger:
            #expect(breaker.state == .open(until: Self.now + .seconds(2)))
            #expect((breaker.consecutiveFailures, breaker.reason) == (2, "again"))
            #expect(!breaker.isReachable)
        case .unchanged: #expect(breaker == before)
        }
        if start == .closed, event != .failed { #expect(breaker == before) }
    }

    @Test("The relay is due when the pause is over, and not while it is tried")
    func due() {
        #expect(!Self.breaker(.closed).isDue(at: Self.now))
        #expect(!Self.breaker(.paused).isDue(at: Self.now + .milliseconds(999)))
        #expect(Self.breaker(.paused).isDue(at: Self.now + .seconds(1)))
        #expect(Self.breaker(.past).isDue(at: Self.now))
        #expect(!Self.breaker(.checking).isDue(at: Self.now + .days(1)))
        #expect(!Self.breaker(.probing).isDue(at: Self.now + .days(1)))
    }

    @Test("The pause doubles with each failed probe, up to the longest, give or take a fifth")
    func doubling() {
        var breaker = CircuitBreaker(first: .seconds(1), longest: .seconds(60))
        for expected in [1.0, 2, 4, 8, 16, 32, 60, 60, 60] {
            for random in [0, 0.5, 0.999] {
                var copy = breaker
                copy.failed(at: Self.now, reason: "", random: random)
                guard case .open(let until) = copy.state else { return #expect(Bool(false), "\(copy.state)") }
                let pause = (until - Self.now).seconds
                #expect(pause >= expected * 0.8 && pause <= expected * 1.2)
            }
            breaker.failed(at: Self.now, reason: "", random: 0.5)
            breaker.probe()
        }
    }

    @Test("A thousand failed probes are no trouble")
    func manyFaults() {
        var breaker = CircuitBreaker()
        for _ in 0..<1_000 {
            breaker.failed(at: Self.now, reason: "", random: 0.5)
            breaker.probe()
        }
        breaker.failed(at: Self.now, reason: "", random: 0.5)
        #expect(breaker.state == .open(until: Self.now + .seconds(60)))
    }

    @Test("One success after the probe begins anew: the next pause is the first again")
    func recovery() {
        var breaker = Self.breaker(.probing)
        breaker.succeeded()
        breaker.failed(at: Self.now, reason: "", random: 0.5)
        #expect(breaker.state == .open(until: Self.now + .seconds(1)))
    }

    @Test("A clock that was set back by an hour does not make the pause an hour long")
    func clockSetBack() {
        #expect(Self.breaker(.paused).isDue(at: Self.now - .hours(1)))
        #expect(!Self.breaker(.paused).isDue(at: Self.now - .seconds(30)))
    }
}
