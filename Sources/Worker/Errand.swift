import Domain

/// A claimed job on its way to a lane: what to send, and until when it is worth sending.
struct Errand: Sendable {
    let job: Job
    let kind: JobKind
    let expiry: Instant
    /// Writes the letter. Called by the lane, since the transaction that claimed the job keeps all other writers waiting.
    let letter: @Sendable () -> Letter
}

/// What a lane says of an errand.
struct Report: Sendable {
    let errand: Errand
    /// Nil when it was handed back untried.
    let trial: Trial?

    struct Trial: Sendable {
        let startedAt: Instant
        let delivery: Delivery
    }
}
