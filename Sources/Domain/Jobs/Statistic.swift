/// One number of the queue's history: how often something happened within five minutes. Statistics are written in
/// the transaction of what they count, so that they never tell of what was rolled back, and they outlive the jobs.
package struct Statistic: Sendable, Equatable {
    package enum Name: String, Sendable, CaseIterable {
        /// Jobs that came into the queue.
        case arrived
        /// First claims, labelled by `HistogramBuckets`: seconds from creation to claim.
        case waited
        /// Attempts, labelled by `HistogramBuckets`: seconds from connection to answer.
        case ran
        /// Settled jobs, labelled by `Settlement.Outcome`.
        case finished
        /// Jobs whose mail came back.
        case bounced
        /// Attempts that failed and will be repeated, labelled `temporary` or `unknown`.
        case retried
        /// Answers of the relay, labelled `stage/class`: the step and the first digit of the code, `none` without one.
        case replied
        /// Attempts over a connection, labelled `reused` or `new`.
        case connected
        /// Attempts, labelled `outcome/relay`.
        case attempted
        /// Attempts whose outcome nobody knows.
        case ambiguous
        /// Logins at applications, labelled by the application's id.
        case loggedIn = "logged-in"
        /// Leases that lapsed.
        case lapsed
        /// Settlements that came too late: another claim was newer.
        case fenced
    }

    /// How long one slot is.
    package static let slotLength = TimeSpan.minutes(5)

    /// When the slot began; one millisecond before the epoch for what was counted since the beginning.
    package let slot: Instant
    package let name: Name
    /// The job's kind; empty where it does not matter.
    package let kind: String
    package let label: String
    package let count: Int
    /// Seconds in all, for `waited` and `ran`; 0 otherwise.
    package let total: Double

    package init(slot: Instant, name: Name, kind: String, label: String, count: Int, total: Double) {
        self.slot = slot
        self.name = name
        self.kind = kind
        self.label = label
        self.count = count
        self.total = total
    }

    package static func slot(of instant: Instant) -> Instant {
        let length = slotLength.milliseconds
        return Instant(milliseconds: instant.milliseconds.flooredDivision(by: length).quotient * length)
    }
}

/// What a transaction reads about what was counted. The store counts by itself, in the transaction of what it counts.
package protocol StatisticReader {
    /// Slot by slot, from the one that holds `since`; at most the last two days.
    func statistics(since: Instant) throws -> [Statistic]
    /// What was counted since the beginning, each in one sum.
    func totals() throws -> [Statistic]
}
