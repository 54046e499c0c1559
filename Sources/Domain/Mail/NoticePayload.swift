import FoundationEssentials

/// What the job of a notice carries. The address to mail is looked up when it is sent.
package struct NoticePayload: Sendable, Equatable, Codable {
    package let account: Int64
    /// When it happened.
    package let at: Instant
    /// The device that did it.
    package let address: String
    /// How many recovery codes are left; for notices of their use.
    package let remaining: Int?

    package init(account: Int64, at: Instant, address: String, remaining: Int? = nil) {
        self.account = account
        self.at = at
        self.address = address
        self.remaining = remaining
    }

    package func job(for notice: Notice, at now: Instant) throws -> NewJob {
        try NewJob(notice.kind, payload: self, at: now, account: account)
    }
}

/// What a `mail-test` job carries.
package struct MailTestPayload: Sendable, Equatable, Codable {
    package let to: String

    package init(to: String) { self.to = to }

    package func job(at now: Instant) throws -> NewJob { try NewJob(.mailTest, payload: self, at: now) }
}
