/// Something that must be provable later. Written in the transaction it tells of.
package struct AuditEvent: Sendable, Equatable {
    /// Names after OWASP's logging vocabulary where it has one.
    package enum Name: String, Sendable, CaseIterable {
        case totpReset = "authn_totp_reset"
        case resetCancelled = "authn_totp_reset_cancelled"
        case userCreated = "user_created"
        case jobRetried = "queue_job_retried"
        case jobDiscarded = "queue_job_discarded"
    }

    package let name: Name
    package let at: Instant
    /// Who did it: a User ID, or `operator:NAME`.
    package let actor: String
    /// Whom or what it was done to.
    package let subject: String
    /// The network address it came from, or nil for a command.
    package let address: String?
    package let detail: String

    package init(name: Name, at: Instant, actor: String, subject: String, address: String?, detail: String) {
        self.name = name
        self.at = at
        self.actor = actor
        self.subject = subject
        self.address = address
        self.detail = detail
    }
}
