import Domain

/// A claimed job that waits for a lane: what to send, and until when sending makes sense.
struct DeliveryTask: Sendable {
    let job: Job
    let kind: JobKind
    let expiry: Instant
    /// The relay never answered the last attempt: this one is not made beside another such.
    var isSuspect = false
    /// For what became of it before.
    var preference = RelayPreference.first
    /// The name of the relay that it goes by; chosen when it is claimed.
    var relay = ""
    /// The envelope's sender; nil where the configured sender's is.
    var returnAddress: String?
    /// Composes the mail. Called by the lane, since the transaction that claimed the job blocks all other writers.
    let mail: @Sendable () -> TemplatedMail
}

/// What a lane returns for a task.
struct DeliveryResult: Sendable {
    let task: DeliveryTask
    /// Nil when it was returned untried.
    let attempt: Attempt?

    struct Attempt: Sendable {
        let startedAt: Instant
        let delivery: Delivery
    }
}
