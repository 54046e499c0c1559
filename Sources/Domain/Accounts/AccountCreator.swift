package import Cryptography

/// Creates accounts, with the secret of an authenticator that is already in use where there is one.
package struct AccountCreator: Sendable {
    private let sealer: any Sealing
    private let random: any RandomSource

    package init(sealer: any Sealing, random: any RandomSource) {
        self.sealer = sealer
        self.random = random
    }

    /// Runs inside the caller's transaction, so that a list of accounts is created as a whole or not at all.
    /// - Parameter address: where it came from; nil for a command.
    package func create(
        _ account: NewAccount, authenticator: Authenticator?, in transaction: any AccountWriter & AuditWriter,
        at now: Instant, by actor: String, from address: String? = nil
    ) throws {
        let id = try transaction.insert(account, at: now)
        if let authenticator { try setSecret(authenticator, account: id, generation: 1, in: transaction) }
        let event = AuditEvent(
            name: .userCreated, at: now, actor: actor, subject: account.userID.text, address: address,
            detail: authenticator == nil ? "" : "with a TOTP secret")
        try transaction.append(
            event.publishing(
                WebhookEvent(
                    .accountChanged, at: now, userID: account.userID.text, userType: account.userType,
                    details: ["change": "created", "totp": authenticator == nil ? "none" : "active"])))
    }

    /// Gives an account without a secret that of the authenticator which its owner has already. The owner is told by mail.
    package func adopt(
        _ authenticator: Authenticator, for account: Account,
        in transaction: any AccountWriter & AuditWriter & JobEnqueuer, at now: Instant, by actor: String,
        from address: String
    ) throws {
        try setSecret(authenticator, account: account.id, generation: account.generation + 1, in: transaction)
        try transaction.append(
            AuditEvent(.totpActivated, of: account, at: now, from: address, by: actor, "with a TOTP secret in use")
                .publishing(.totpActivated, of: account))
        try transaction.enqueue(
            NoticePayload(account: account.id, at: now, address: address).job(for: .activation, at: now))
    }

    private func setSecret(
        _ authenticator: Authenticator, account: Int64, generation: Int64, in transaction: any AccountWriter
    ) throws {
        let sealed = try sealer.seal(
            authenticator.secret.bytes, context: SealContext.context(account: account, generation: generation),
            random: random)
        try transaction.setSecret(
            account: account, sealed: sealed, isWeak: authenticator.secret.isWeak, generation: generation,
            parameters: authenticator.parameters, state: .active)
    }
}
