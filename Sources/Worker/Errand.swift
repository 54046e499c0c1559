import Domain

/// A claimed job on its way to a lane: what to send, and until when it is worth sending.
struct Errand: Sendable {
    let job: Job
    let kind: JobKind
    let letter: Letter
    let expiry: Instant
}

/// What a lane says of an errand.
struct Report: Sendable {
    let errand: Errand
    let startedAt: Instant
    /// Nil when it was handed back untried.
    let delivery: Delivery?
}
