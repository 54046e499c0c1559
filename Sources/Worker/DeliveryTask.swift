import Domain

/// A claimed job on its way to a lane: what to send, and until when it is worth sending.
struct DeliveryTask: Sendable {
    let job: Job
    let kind: JobKind
    let expiry: Instant
    /// Writes the letter. Called by the lane, since the transaction that claimed the job keeps all other writers waiting.
    let mail: @Sendable () -> TemplatedMail
}

/// What a lane says of an errand.
struct DeliveryResult: Sendable {
    let task: DeliveryTask
    /// Nil when it was handed back untried.
    let attempt: Attempt?

    struct Attempt: Sendable {
        let startedAt: Instant
        let delivery: Delivery
    }
}
