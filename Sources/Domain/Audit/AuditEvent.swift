/// An event that must be provable later. Written in the transaction of the change that it records.
package struct AuditEvent: Sendable, Equatable {
    /// Names after OWASP's logging vocabulary where it has one.
    package enum Name: String, Sendable, CaseIterable {
        case totpReset = "authn_totp_reset"
        case resetCancelled = "authn_totp_reset_cancelled"
        case passwordAccepted = "authn_password_success"
        case loggedIn = "authn_login_success"
        case loginFailed = "authn_login_fail"
        /// As many wrong codes in a row as are ever allowed.
        case loginStopped = "authn_login_fail_max"
        case codeReused = "authn_token_reuse"
        /// The seal of a TOTP secret does not open: a wrong key, or a row that somebody changed.
        case secretUnreadable = "crypt_decrypt_fail"
        case loggedOut = "authn_logout"
        case sessionsEnded = "authn_sessions_ended"
        case totpPending = "authn_totp_pending"
        case totpActivated = "authn_totp_activated"
        case totpDisabled = "authn_totp_disabled"
        case recoveryCodesMade = "authn_recovery_codes_created"
        case recoveryCodeUsed = "authn_recovery_code_used"
        case userCreated = "user_created"
        case userPasswordChanged = "authn_password_change"
        case userRenamed = "user_renamed"
        case userEmailChanged = "user_email_changed"
        case userDeactivated = "user_deactivated"
        case userActivated = "user_activated"
        case policyChanged = "policy_changed"
        case jobRetried = "queue_job_retried"
        case jobDiscarded = "queue_job_discarded"
        case jobHeld = "queue_job_held"
        case jobReleased = "queue_job_released"
        case lanePaused = "queue_lane_paused"
        case laneResumed = "queue_lane_resumed"
        case jobsPruned = "queue_pruned"
        /// A mail that the relay had taken came back.
        case mailBounced = "mail_bounced"
        case userChanged = "user_changed"
        case userDeleted = "user_deleted"
        /// A code that an application asked about was right.
        case codeAccepted = "authn_code_success"
        case applicationKeyMade = "application_key_created"
        case applicationKeyRevoked = "application_key_revoked"
        /// Somebody showed a key that is none, or no longer one.
        case applicationKeyRefused = "application_key_refused"
        /// Somebody who is logged in at the portal is so at an application too.
        case applicationEntered = "authn_application_login"
        case applicationRefused = "authn_application_login_fail"
        /// A code for an application, which trades it for tokens.
        case applicationCodeIssued = "authn_application_code"
        case applicationTokenIssued = "authn_application_token"
        case applicationTokenRefused = "authn_application_token_fail"
        /// A code or refresh token came twice, and all that it brought ended.
        case applicationTokenReused = "authn_application_token_reuse"
        case applicationTokenRevoked = "authn_application_token_revoked"
        /// Somebody showed no secret, or a wrong one, as a client.
        case clientRefused = "authn_application_client_fail"
        case webhookSwitchedOff = "webhook_switched_off"
        case webhookSwitchedOn = "webhook_switched_on"
        case backupMade = "backup_created"
        /// The first event that is of this database alone: all before it were copied from another.
        case databaseCopied = "database_copied"
        case keyRotated = "key_rotated"
    }

    package let name: Name
    package let at: Instant
    /// Who did it: a User ID, `operator:NAME`, `application:ID`, or `mail-system` for what a mail server reported.
    package let actor: String
    /// Whom or what it was done to.
    package let subject: String
    /// The network address it came from, or nil for a command.
    package let address: String?
    package let detail: String
    /// What applications are told of it, in the same transaction; nil for what concerns none.
    package private(set) var published: WebhookEvent?

    package init(name: Name, at: Instant, actor: String, subject: String, address: String?, detail: String) {
        self.name = name
        self.at = at
        self.actor = actor
        self.subject = subject
        self.address = address
        self.detail = detail
    }

    /// Something that an account's owner did, or somebody in their name.
    /// - Parameter actor: who says so, where that is somebody else.
    package init(
        _ name: Name, of account: Account, at: Instant, from address: String, by actor: String? = nil,
        _ detail: String = ""
    ) {
        self.init(
            name: name, at: at, actor: actor ?? account.userID, subject: account.userID, address: address,
            detail: detail)
    }

    /// The same event, of which applications are told.
    package func publishing(
        _ name: WebhookEvent.Name, of account: Account, _ details: [String: String] = [:]
    ) -> AuditEvent {
        publishing(WebhookEvent(name, of: account, at: at, details: details))
    }

    package func publishing(_ event: WebhookEvent) -> AuditEvent {
        var copy = self
        copy.published = event
        return copy
    }
}
