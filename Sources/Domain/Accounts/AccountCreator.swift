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
    package func create(
        _ account: NewAccount, authenticator: Authenticator?, in transaction: any AccountWriter & AuditWriter,
        at now: Instant,
        by actor: String
    )
        throws
    {
        let id = try transaction.insert(account, at: now)
        if let authenticator {
            let generation: Int64 = 1
            let context = SealContext.context(account: id, generation: generation)
            try transaction.setSecret(
                account: id, sealed: try sealer.seal(authenticator.secret.bytes, context: context, random: random),
                isWeak: authenticator.secret.isWeak, generation: generation, parameters: authenticator.parameters,
                state: .active)
        }
        try transaction.append(
            AuditEvent(
                name: .userCreated, at: now, actor: actor, subject: account.userID.text, address: nil,
                detail: authenticator == nil ? "" : "with a TOTP secret"
            ).publishing(
                WebhookEvent(
                    .accountChanged, at: now, userID: account.userID.text, userType: account.userType,
                    details: ["change": "created"])))
    }
}
