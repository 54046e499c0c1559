/// What operators may do to one job.
package enum JobChange: String, Sendable, CaseIterable {
    /// To `ready`, with a fresh count of attempts.
    case retry
    /// To `discarded`; the payload is erased.
    case discard
    /// To `held`.
    case hold
    /// From `held` to `ready`.
    case release

    /// The states it starts from; in any other it does nothing.
    package var origins: [JobState] {
        switch self {
        case .retry: [.dead, .held, .scheduled]
        case .discard: [.scheduled, .ready, .held, .dead]
        case .hold: [.scheduled, .ready]
        case .release: [.held]
        }
    }

    package var event: AuditEvent.Name {
        switch self {
        case .retry: .jobRetried
        case .discard: .jobDiscarded
        case .hold: .jobHeld
        case .release: .jobReleased
        }
    }
}
