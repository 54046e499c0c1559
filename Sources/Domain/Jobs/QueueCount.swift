/// A job whose mail was handed over.
package struct MailedJob: Sendable, Equatable {
    package let at: Instant
    package let jobClass: JobClass
    /// The relay's name; nil where an older version mailed it.
    package let relay: String?

    package init(at: Instant, jobClass: JobClass, relay: String?) {
        self.at = at
        self.jobClass = jobClass
        self.relay = relay
    }
}

/// How many jobs of a kind are in a state.
package struct QueueCount: Sendable, Equatable {
    /// Of the finished jobs (`JobState.isFinished`) only this many of the newest are counted, all kinds together: their
    /// number grows with history, and a look at the queue must not.
    package static let mostFinished = 10_000

    package let kind: String
    package let state: JobState
    package let count: Int

    package init(kind: String, state: JobState, count: Int) {
        self.kind = kind
        self.state = state
        self.count = count
    }
}
