/// How urgent a job is. The text is stored and shown to operators.
package enum JobClass: String, Sendable, CaseIterable {
    /// A person waits for it in front of a page.
    case urgent
    case normal
    /// What other programs queue as such.
    case bulk

    /// The class of jobs that name none.
    package static func standard(ofKind kind: String) -> JobClass {
        switch JobKind(rawValue: kind) {
        case .resetRequest, .mailTest: .urgent
        default: .normal
        }
    }
}

/// Which classes the next claims go to: the most urgent one that waits, but of ten claims in a row at least one to each
/// class that waits, so that none starves.
package struct ClaimShares: Sendable, Equatable {
    private static let round = 10

    /// Claims since the last one of each class.
    private var claimsSince: [JobClass: Int] = [:]

    package init() {}

    /// Chooses how many jobs of each class to claim.
    /// - Parameters:
    ///   - limit: how many in all.
    ///   - waiting: how many of each class can be claimed.
    package mutating func choose(_ limit: Int, of waiting: [JobClass: Int]) -> [JobClass: Int] {
        var left = waiting
        var chosen: [JobClass: Int] = [:]
        for _ in 0..<max(0, limit) {
            let classes = JobClass.allCases.filter { left[$0, default: 0] > 0 }
            // The lowest first: it has waited longest.
            let overdue = classes.last { claimsSince[$0, default: 0] >= Self.round - 1 }
            guard let next = overdue ?? classes.first else { break }
            left[next, default: 0] -= 1
            chosen[next, default: 0] += 1
            for other in JobClass.allCases { claimsSince[other, default: 0] += 1 }
            claimsSince[next] = 0
        }
        return chosen
    }
}

/// The ready jobs of a class.
package struct ReadyJobs: Sendable, Equatable {
    package let count: Int
    /// Since when the one that has been ready longest is.
    package let oldest: Instant

    package init(count: Int, oldest: Instant) {
        self.count = count
        self.oldest = oldest
    }
}
