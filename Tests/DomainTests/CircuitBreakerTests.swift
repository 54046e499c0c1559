import Domain
import Testing

/// The breaker as a state machine: every state meets every event.
@Suite("Circuit breaker")
struct CircuitBreakerTests {
    private static let now = Instant(milliseconds: 1_000_000)

    enum Start: CaseIterable { case closed, paused, past, probing }
    enum Event: CaseIterable { case claimed, spared, succeeded, failed }
    enum End { case closed, paused, past, probing, pausedLonger }

    /// What each event makes of each state.
    private static let table: [Start: [Event: End]] = [
        .closed: [.claimed: .closed, .spared: .closed, .succeeded: .closed, .failed: .paused],
        // Late news from before the pause neither ends nor lengthens it.
        .paused: [.claimed: .probing, .spared: .paused, .succeeded: .paused, .failed: .paused],
        .past: [.claimed: .probing, .spared: .past, .succeeded: .past, .failed: .past],
        .probing: [.claimed: .probing, .spared: .past, .succeeded: .closed, .failed: .pausedLonger],
    ]

    private static func breaker(_ start: Start) -> CircuitBreaker {
        var breaker = CircuitBreaker(first: .seconds(1), longest: .seconds(60))
        let since = start == .paused ? now : now - .seconds(1)
        if start != .closed { breaker.failed(at: since, reason: "refused", random: 0.5) }
        if start == .probing { breaker.claimed() }
        return breaker
    }

    private static let pairs = Start.allCases.flatMap { start in Event.allCases.map { (start, $0) } }

    @Test("Every event in every state", arguments: pairs)
    func transitions(start: Start, event: Event) throws {
        var breaker = Self.breaker(start)
        let before = breaker
        switch event {
        case .claimed: breaker.claimed()
        case .spared: breaker.probeAbandoned(at: Self.now)
        case .succeeded: breaker.succeeded()
        case .failed: breaker.failed(at: Self.now, reason: "again", random: 0.5)
        }
        switch try #require(Self.table[start]?[event]) {
        case .closed:
            #expect(breaker.state == .closed)
            #expect((breaker.consecutiveFailures, breaker.reason) == (0, ""))
        case .paused:
            #expect(breaker.state == .open(until: Self.now + .seconds(1)))
            #expect(breaker.consecutiveFailures == 1)
        case .past:
            #expect(breaker.state == .open(until: Self.now))
            #expect(breaker.consecutiveFailures == 1)
        case .probing:
            #expect(breaker.state == .probing)
            #expect(breaker.consecutiveFailures == 1)
        case .pausedLonger:
            #expect(breaker.state == .open(until: Self.now + .seconds(2)))
            #expect((breaker.consecutiveFailures, breaker.reason) == (2, "again"))
        }
        if start == .closed, event != .failed { #expect(breaker == before) }
    }

    @Test("What may be claimed: all when closed, nothing in the pause, one after it, nothing while that one is out")
    func allowance() {
        #expect(Self.breaker(.closed).allowance(16, at: Self.now) == 16)
        #expect(Self.breaker(.paused).allowance(16, at: Self.now) == 0)
        #expect(Self.breaker(.paused).allowance(16, at: Self.now + .milliseconds(999)) == 0)
        #expect(Self.breaker(.paused).allowance(16, at: Self.now + .seconds(1)) == 1)
        #expect(Self.breaker(.past).allowance(16, at: Self.now) == 1)
        #expect(Self.breaker(.past).allowance(0, at: Self.now) == 0)
        #expect(Self.breaker(.probing).allowance(16, at: Self.now + .days(1)) == 0)
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
            breaker.claimed()
        }
    }

    @Test("A thousand failed probes are no trouble")
    func manyFaults() {
        var breaker = CircuitBreaker()
        for _ in 0..<1_000 {
            breaker.failed(at: Self.now, reason: "", random: 0.5)
            breaker.claimed()
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
        #expect(Self.breaker(.paused).allowance(16, at: Self.now - .hours(1)) == 1)
        #expect(Self.breaker(.paused).allowance(16, at: Self.now - .seconds(30)) == 0)
    }
}
