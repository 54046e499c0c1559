/// One decision on whether login asks for a code.
package struct PolicyRule: Sendable, Equatable {
    /// The user type it is for; nil for all of them.
    package let scope: String?
    /// On: login takes a TOTP code. Off: two-step login, User ID then password; secrets are kept.
    package let requiresTOTP: Bool
    /// From when on it holds.
    package let from: Instant
    package let madeAt: Instant

    package init(scope: String?, requiresTOTP: Bool, from: Instant, madeAt: Instant) {
        self.scope = scope
        self.requiresTOTP = requiresTOTP
        self.from = from
        self.madeAt = madeAt
    }

    package func covers(_ userType: String) -> Bool {
        scope.map { Array($0.utf8) == Array(userType.utf8) } ?? true
    }
}

/// Whether login asks for a code, by user type and time. The rule that started last decides, whether it was made for the
/// type or for all; with no rule TOTP is on.
package struct Policy: Sendable {
    /// Those that start later come later; of two that start together the one made later.
    private let rules: [PolicyRule]

    /// - Parameter rules: in the order in which they were made.
    package init(rules: [PolicyRule]) {
        self.rules = rules.enumerated().sorted { ($0.element.from, $0.offset) < ($1.element.from, $1.offset) }
            .map(\.element)
    }

    package func requiresTOTP(_ userType: String, at now: Instant) -> Bool {
        rules.last { $0.from <= now && $0.covers(userType) }?.requiresTOTP ?? true
    }

    /// The next rule that will change what login asks of this type.
    package func upcoming(for userType: String, after now: Instant) -> PolicyRule? {
        let current = requiresTOTP(userType, at: now)
        return rules.first { $0.from > now && $0.covers(userType) && $0.requiresTOTP != current }
    }
}

/// What a transaction reads about the policy.
package protocol PolicyReader {
    /// In the order in which they were made.
    func policyRules() throws -> [PolicyRule]
}

/// What a transaction changes in the policy.
package protocol PolicyWriter: PolicyReader {
    func addPolicyRule(_ rule: PolicyRule, by actor: String) throws
    /// Deletes rules of this scope that start later than now; of every scope when nil.
    /// - Returns: how many.
    @discardableResult
    func cancelUpcomingRules(scope: String?, after now: Instant) throws -> Int
}
