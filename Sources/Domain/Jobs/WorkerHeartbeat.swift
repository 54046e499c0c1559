/// A worker as it last reported itself.
package struct WorkerHeartbeat: Sendable, Equatable {
    /// Senders that have waited for one answer of the relay for a while.
    package struct Waiting: Sendable, Equatable {
        package let count: Int
        /// The step that most of them wait at, one of `Delivery.stages`.
        package let stage: String
        /// Since when the one that waits longest does.
        package let since: Instant

        package init(count: Int, stage: String, since: Instant) {
            self.count = count
            self.stage = stage
            self.since = since
        }
    }

    package let id: String
    package let startedAt: Instant
    package let heartbeatAt: Instant
    /// `closed`, `open` or `probing`: the circuit breaker.
    package let relay: String
    /// What the relay said last, when the breaker is not closed.
    package let relayReason: String
    package let lanes: Int
    package let busy: Int
    package let waiting: Waiting?

    package init(
        id: String, startedAt: Instant, heartbeatAt: Instant, relay: String, relayReason: String, lanes: Int, busy: Int,
        waiting: Waiting? = nil
    ) {
        self.id = id
        self.startedAt = startedAt
        self.heartbeatAt = heartbeatAt
        self.relay = relay
        self.relayReason = relayReason
        self.lanes = lanes
        self.busy = busy
        self.waiting = waiting
    }
}
