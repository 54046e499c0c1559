/// A kind of job that an operator keeps from being claimed. Jobs of it are accepted and wait.
package struct PausedKind: Sendable, Equatable {
    /// Stands for every kind there is and will be.
    package static let everything = "*"

    package let kind: String
    package let at: Instant
    package let by: String
    package let why: String

    package init(kind: String, at: Instant, by: String, why: String) {
        self.kind = kind
        self.at = at
        self.by = by
        self.why = why
    }
}
