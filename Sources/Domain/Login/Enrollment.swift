package import Cryptography

/// Gives accounts new secrets and takes them away, in the caller's transaction.
package struct Enrollment: Sendable {
    private let sealer: any Sealing
    private let issuer: String
    private let parameters: TOTPParameters
    private let random: any RandomSource

    /// - Parameters:
    ///   - issuer: the name that authenticator apps show; without a colon.
    ///   - parameters: of new secrets.
    package init(sealer: any Sealing, issuer: String, parameters: TOTPParameters, random: any RandomSource) {
        self.sealer = sealer
        self.issuer = issuer
        self.parameters = parameters
        self.random = random
    }

    /// "ENABLE TOTP": a pending secret for an account without one. An account that has a secret keeps it, so that a
    /// second click does not make the code that was just scanned worthless.
    package func begin(
        _ account: Account, in transaction: any AccountWriter & AuditWriter, at now: Instant, from address: String,
        by actor: String? = nil
    ) throws {
        guard account.totp == .none else { return }
        let generation = account.generation + 1
        let sealed = try sealer.seal(
            TOTPSecret(random: random).bytes,
            context: SealContext.context(account: account.id, generation: generation), random: random)
        try transaction.setSecret(
            account: account.id, sealed: sealed, isWeak: false, generation: generation, parameters: parameters,
            state: .pending)
        try transaction.append(AuditEvent(.totpPending, of: account, at: now, from: address, by: actor))
    }

    /// What the QR code of a pending secret says; nil when the account has none that may still be shown.
    package func pendingURI(_ account: Account, in transaction: any AccountReader) throws -> OTPAuthURI? {
        guard account.totp == .pending, let credentials = try transaction.credentials(account: account.id),
            let secret = CodeVerification(sealer: sealer).secret(credentials, of: account)
        else { return nil }
        return try OTPAuthURI(
            issuer: issuer, account: account.userID, secret: secret, parameters: credentials.parameters)
    }

    /// "Disable TOTP", after password and code were proved: the secret, its recovery codes and every session of the
    /// account but the current one end.
    package func disable(
        _ account: Account, keeping session: Int64?,
        in transaction: any AccountWriter & LoginWriter & AuditWriter & JobEnqueuer, at now: Instant,
        from address: String
    ) throws {
        guard try transaction.clearSecret(account: account.id, generation: account.generation) else { return }
        _ = try transaction.endSessions(account: account.id, except: session, at: now)
        try transaction.append(
            AuditEvent(.totpDisabled, of: account, at: now, from: address).publishing(.totpDisabled, of: account))
        try transaction.enqueue(
            NoticePayload(account: account.id, at: now, address: address).job(for: .disabling, at: now))
    }

    /// Clears a secret in somebody else's name, as a reset link does: an operator's, or an application's.
    /// - Parameters:
    ///   - actor: who does it, as the audit log has it.
    ///   - address: where it came from; nil for a command.
    ///   - place: what the owner's mail says of where it came from.
    /// - Returns: how many sessions ended; nil when there was no such secret any more.
    package static func reset(
        _ account: Account, in transaction: any AccountWriter & LoginWriter & AuditWriter & JobEnqueuer,
        at now: Instant, by actor: String, from address: String?, place: String, why: String
    ) throws -> Int? {
        guard account.totp != .none,
            try transaction.clearSecret(account: account.id, generation: account.generation)
        else { return nil }
        let ended = try transaction.endSessions(account: account.id, except: nil, at: now)
        let kind = String(actor.prefix { $0 != ":" })
        try transaction.append(
            AuditEvent(
                name: .totpReset, at: now, actor: actor, subject: account.userID, address: address,
                detail: LinkTokenRedaction.redact(why)
            ).publishing(.totpReset, of: account, ["by": kind]))
        try transaction.enqueue(NoticePayload(account: account.id, at: now, address: place).job(for: .reset, at: now))
        return ended
    }
}
