import Domain
import Support
import Threading

/// A relay that refuses every connection while it is down, and else takes so many mails in each moment of the test's clock,
/// in the order in which they come; the others wait. It notes who came when.
final class DrillRelay: Courier, Sendable {
    struct Attempt: Sendable {
        let at: Instant
        let mail: RenderedMail
        let isDelivered: Bool
    }

    private struct State: Sendable {
        var attempts: [Attempt] = []
        var isUp = false
        /// Mails that came while it was up, and how many of them it has taken or may take now.
        var came = 0
        var taken = 0
        var limit = 0
        var inHand = 0
        var mostInHand = 0
    }

    private let state = Monitor(State())
    private let clock: any Domain.Clock

    init(clock: any Domain.Clock) { self.clock = clock }

    var attempts: [Attempt] { state.withLock { $0.attempts } }
    var mostInHand: Int { state.withLock { $0.mostInHand } }
    /// Refuses every connection, and gives up those that there are.
    func fail() {
        state.withLock { state in
            state.isUp = false
            state.came = state.taken
        }
    }

    /// Deliveries that wait until more is taken.
    var waiting: Int {
        let state = state.withLock { $0 }
        return state.isUp && state.taken == state.limit ? state.inHand : 0
    }

    /// From now on mail goes through, this much until the next call.
    func take(_ mails: Int) {
        state.withLock { state in
            state.isUp = true
            state.limit = state.taken + mails
        }
    }

    func check() -> Delivery { RecordingCourier.delivery(state.withLock { $0.isUp } ? .delivered : .relayFault) }

    func deliver(_ mail: RenderedMail) -> Delivery {
        let place: Int? = state.withLock { state in
            state.inHand += 1
            state.mostInHand = max(state.mostInHand, state.inHand)
            guard state.isUp else { return nil }
            defer { state.came += 1 }
            return state.came
        }
        var isTaken = false
        if let place {
            isTaken =
                state.wait { state in
                    guard state.isUp else { return false }
                    return place < state.limit && place == state.taken ? true : nil
                } ?? false
        }
        let attempt = Attempt(at: clock.now(), mail: mail, isDelivered: isTaken)
        state.withLock { [isTaken] state in
            state.attempts.append(attempt)
            state.inHand -= 1
            if isTaken { state.taken += 1 }
        }
        return RecordingCourier.delivery(isTaken ? .delivered : .relayFault)
    }
}

/// Counts how often it is looked at: who waits in a loop looks at it each time round.
final class ObservedClock: Domain.Clock {
    private let clock: FixedClock
    private let looks = Monitor(0)

    init(_ clock: FixedClock) { self.clock = clock }

    func now() -> Instant {
        looks.withLock { $0 += 1 }
        return clock.now()
    }

    /// Returns once somebody has looked who had not when `body` began.
    func waitForLook(after body: () -> Void) throws {
        let before = looks.withLock { $0 }
        body()
        guard looks.wait(timeout: .seconds(20), { $0 > before ? true : nil }) == true else {
            throw SupportFailure("the worker has stopped looking at the clock")
        }
    }
}

/// Counts the writes that were done through it.
final class ObservedStore: Store {
    private let store: any Store
    private let count = Monitor(0)

    init(_ store: any Store) { self.store = store }

    var writes: Int { count.withLock { $0 } }
    var metrics: StoreMetrics { store.metrics }

    func read<Result: Sendable>(_ body: (any ReadTransaction) throws -> Result) throws -> Result {
        try store.read(body)
    }

    func write<Result: Sendable>(_ body: @escaping @Sendable (any WriteTransaction) throws -> Result) throws -> Result {
        defer { count.withLock { $0 += 1 } }
        return try store.write(body)
    }
}
