import Domain
import Threading

/// Gives each receiver for which messages are ready a lane of its own, for as long as there are: one that is slow or dead
/// delays neither mails nor another receiver. At most one message to a receiver is under way here.
final class ApplicationDispatcher: Sendable {
    private struct State: Sendable {
        var isStopping = false
        /// True at the start, so that the queue is looked at once.
        var isWoken = true
        /// Receivers that have a lane.
        var busy: Set<ReceiverID> = []
        /// Until when receivers are left alone because they asked for it.
        var resting: [ReceiverID: Instant] = [:]
    }

    /// Looks at the queue at least this often, whatever the wake-ups say.
    private static let pollInterval = Duration.seconds(1)
    /// The same where nobody is told anything: only what is left of former applications can be there.
    private static let idleInterval = Duration.seconds(60)

    private let surroundings: ApplicationLane.Surroundings
    private let state = Monitor(State())

    init(_ surroundings: ApplicationLane.Surroundings) { self.surroundings = surroundings }

    func wake() { state.withLock { $0.isWoken = true } }

    /// No event is begun any more.
    func stop() { state.withLock { $0.isStopping = true } }

    /// Waits for the events under way. One that takes longer is left to its lease.
    func waitUntilIdle(timeout: Duration) {
        _ = state.wait(timeout: timeout) { $0.busy.isEmpty ? true : nil }
    }

    func run() {
        while true {
            let isIdle = surroundings.equipment.newest.equipment.receivers.isEmpty
            let isStopping = state.wait(timeout: isIdle ? Self.idleInterval : Self.pollInterval) { state -> Bool? in
                guard state.isStopping || state.isWoken else { return nil }
                state.isWoken = false
                return state.isStopping
            }
            if isStopping == true { return }
            startLanes()
        }
    }

    private func startLanes() {
        // Every commit on any machine may wake: where it brought no message, one question must do.
        if (try? surroundings.store.readOne { try $0.receiversWithReadyMessages().isEmpty }) == true { return }
        let here = Set(surroundings.equipment.newest.equipment.receivers.map(\.id))
        let ready = try? surroundings.store.read { transaction -> [ReceiverID] in
            let ready = try transaction.receiversWithReadyMessages()
            // What another machine's configuration names is left to that machine; what none names is given up.
            let elsewhere = Set(try transaction.webhooks().map { ReceiverID(.webhook, $0.application) })
                .subtracting(here)
            return ready.filter { !elsewhere.contains($0) }
        }
        for receiver in ready ?? [] { startLane(receiver) }
    }

    private func startLane(_ receiver: ReceiverID) {
        let now = surroundings.clock.now()
        let isFree = state.withLock { state in
            // A rest that lies further ahead than it can is from before the clock was set back.
            if let end = state.resting[receiver], end > now, end - now <= Delivery.longestRetryAfter { return false }
            return !state.isStopping && state.busy.insert(receiver).inserted
        }
        guard isFree else { return }
        let lane = ApplicationLane(
            receiver: receiver, surroundings: surroundings,
            isStopping: { [state] in state.withLock { $0.isStopping } },
            rest: { [state] in _ = state.wait(timeout: Self.pollInterval) { $0.isStopping ? true : nil } })
        let thread = Thread(ifAvailable: "pulih-tell") { [state, clock = surroundings.clock] in
            let rest = lane.run()
            let end = rest.map { clock.now() + $0 }
            state.withLock { state in
                state.resting[receiver] = end
                state.busy.remove(receiver)
                // What came in the moment that the lane ended.
                state.isWoken = true
            }
        }
        if thread == nil { state.withLock { _ = $0.busy.remove(receiver) } }
    }
}
