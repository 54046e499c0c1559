/// A worker as it last reported itself.
package struct WorkerHeartbeat: Sendable, Equatable {
    package let id: String
    package let startedAt: Instant
    package let heartbeatAt: Instant
    /// `closed`, `open` or `probing`: the circuit breaker.
    package let relay: String
    /// What the relay said last, when the breaker is not closed.
    package let relayReason: String
    package let lanes: Int
    package let busy: Int

    package init(
        id: String, startedAt: Instant, heartbeatAt: Instant, relay: String, relayReason: String, lanes: Int, busy: Int
    ) {
        self.id = id
        self.startedAt = startedAt
        self.heartbeatAt = heartbeatAt
        self.relay = relay
        self.relayReason = relayReason
        self.lanes = lanes
        self.busy = busy
    }
}
