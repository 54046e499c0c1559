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

    /// A relay as the worker sees it.
    package struct Relay: Sendable, Equatable {
        package let name: String
        package let state: State
        /// What it said last; empty while it takes mail.
        package let reason: String
        /// Senders that send by it now.
        package let busy: Int
        /// Those of them that have waited for one answer for a while.
        package let waiting: Int
        /// Nil where no token is used.
        package let token: RelayToken?

        package enum State: String, Sendable, CaseIterable {
            /// The circuit breaker is closed: mail may go by it.
            case closed
            case open
            /// A connection or one mail is out to see whether it is back.
            case probing
        }

        package init(
            name: String, state: State, reason: String = "", busy: Int = 0, waiting: Int = 0, token: RelayToken? = nil
        ) {
            self.name = name
            self.state = state
            self.reason = reason
            self.busy = busy
            self.waiting = waiting
            self.token = token
        }
    }

    package let id: String
    package let startedAt: Instant
    package let heartbeatAt: Instant
    /// `closed` while any relay takes mail; else `probing` or `open`.
    package let relay: String
    /// What the preferred relay said last, when none takes mail.
    package let relayReason: String
    /// In order of preference.
    package let relays: [Relay]
    package let lanes: Int
    package let busy: Int
    package let waiting: Waiting?

    package init(
        id: String, startedAt: Instant, heartbeatAt: Instant, relay: String, relayReason: String, lanes: Int, busy: Int,
        waiting: Waiting? = nil, relays: [Relay] = []
    ) {
        self.id = id
        self.startedAt = startedAt
        self.heartbeatAt = heartbeatAt
        self.relay = relay
        self.relayReason = relayReason
        self.lanes = lanes
        self.busy = busy
        self.waiting = waiting
        self.relays = relays
    }
}

/// The token that a login by OAuth 2.0 shows to a relay.
package struct RelayToken: Sendable, Equatable {
    /// When it ends; nil when that is not known.
    package let endsAt: Instant?
    /// Why there is none, or no new one; nil when all is well.
    package let failure: String?

    package init(endsAt: Instant?, failure: String?) {
        self.endsAt = endsAt
        self.failure = failure
    }
}
