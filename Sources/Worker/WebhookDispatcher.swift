import Domain
import Threading

/// Gives each application that has events ready a lane of its own, for as long as it has: one that is slow or dead delays
/// neither mails nor another application. At most one event of an application is under way here.
final class WebhookDispatcher: Sendable {
    private struct State: Sendable {
        var isStopping = false
        /// True at the start, so that the queue is looked at once.
        var isWoken = true
        /// Applications that have a lane.
        var busy: Set<String> = []
        /// Until when receivers are left alone because they asked for it.
        var resting: [String: Instant] = [:]
    }

    /// Looks at the queue at least this often, whatever the wake-ups say.
    private static let pollInterval = Duration.seconds(1)
    /// The same where nobody is told anything: only what is left of former applications can be there.
    private static let idleInterval = Duration.seconds(60)

    private let surroundings: WebhookLane.Surroundings
    private let state = Monitor(State())

    init(_ surroundings: WebhookLane.Surroundings) { self.surroundings = surroundings }

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
        let here = Set(surroundings.equipment.newest.equipment.receivers.map(\.application))
        let ready = try? surroundings.store.read { transaction -> [String] in
            let ready = try transaction.applicationsWithReadyWebhooks()
            guard !ready.isEmpty else { return [] }
            // What another machine's configuration names is left to that machine; what none names is given up.
            let elsewhere = Set(try transaction.webhooks().map(\.application)).subtracting(here)
            return ready.filter { !elsewhere.contains($0) }
        }
        for application in ready ?? [] { startLane(application) }
    }

    private func startLane(_ application: String) {
        let now = surroundings.clock.now()
        let isFree = state.withLock { state in
            // A rest that lies further ahead than it can is from before the clock was set back.
            if let end = state.resting[application], end > now, end - now <= Delivery.longestRetryAfter { return false }
            return !state.isStopping && state.busy.insert(application).inserted
        }
        guard isFree else { return }
        let lane = WebhookLane(
            application: application, surroundings: surroundings,
            isStopping: { [state] in state.withLock { $0.isStopping } },
            rest: { [state] in _ = state.wait(timeout: Self.pollInterval) { $0.isStopping ? true : nil } })
        let thread = Thread(ifAvailable: "pulih-webhook") { [state, clock = surroundings.clock] in
            let rest = lane.run()
            let end = rest.map { clock.now() + $0 }
            state.withLock { state in
                state.resting[application] = end
                state.busy.remove(application)
                // What came in the moment that the lane ended.
                state.isWoken = true
            }
        }
        if thread == nil { state.withLock { _ = $0.busy.remove(application) } }
    }
}
