import Cryptography
import Domain

/// Makes accounts, with the secret of an authenticator that is in use already where there is one.
struct AccountCreator: Sendable {
    let sealer: any Sealing
    let random: any RandomSource

    /// Runs inside the caller's transaction, so that a list of accounts is made whole or not at all.
    func make(
        _ account: NewAccount, authenticator: OTPAuthURI?, in transaction: any AccountWriter & AuditWriter,
        at now: Instant,
        by actor: String
    )
        throws
    {
        let id = try transaction.insert(account, at: now)
        if let authenticator {
            let generation: Int64 = 1
            let context = SecretSeal.context(account: id, generation: generation)
            try transaction.setSecret(
                account: id, sealed: try sealer.seal(authenticator.secret.bytes, context: context, random: random),
                generation: generation, parameters: authenticator.parameters, state: .active)
        }
        try transaction.append(
            AuditEvent(
                name: .userCreated, at: now, actor: actor, subject: account.userID.text, address: nil,
                detail: authenticator == nil ? "" : "with a TOTP secret"))
    }
}
