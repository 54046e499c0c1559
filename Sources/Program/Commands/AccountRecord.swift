import CommandLine
import Domain

/// An account as the commands print it; no hash and no secret.
struct AccountRecord: Encodable {
    let userID: String
    let userType: String
    let email: String
    let language: String
    let active: Bool
    let totp: String
    /// Whether the TOTP secret has less than 128 bits.
    let weakTOTP: Bool
    let createdAt: Int64
    /// Where one account is asked for: the newest of its jobs whose mail came back, as far as they are kept.
    let lastBounce: LastBounce?

    struct LastBounce: Encodable {
        let job: Int64
        let at: Int64
        /// Status and words of the mail server.
        let reason: String

        init?(_ job: Job?) {
            guard let job, let at = job.bouncedAt else { return nil }
            self.job = job.id
            self.at = at.milliseconds
            reason = JobText.plain(job.reason ?? "")
        }
    }

    init(_ account: Account, lastBounce: Job? = nil) {
        userID = account.userID
        userType = account.userType
        email = account.email
        language = account.language.rawValue
        active = account.isActive
        totp = account.totp.rawValue
        weakTOTP = account.hasWeakSecret
        createdAt = account.createdAt.milliseconds
        self.lastBounce = LastBounce(lastBounce)
    }

    static func table(_ accounts: [Account]) -> String {
        TextTable.rows(
            ["USER ID", "TYPE", "TOTP", "ACTIVE", "LANGUAGE", "EMAIL"],
            accounts.map { account in
                [
                    account.userID, account.userType, totp(account), account.isActive ? "yes" : "no",
                    account.language.rawValue, account.email,
                ]
            })
    }

    private static func totp(_ account: Account) -> String {
        account.totp.rawValue + (account.hasWeakSecret ? " (weak)" : "")
    }

    static func page(_ account: Account, lastBounce: Job?, _ time: LocalTimeFormatter) -> String {
        let bounce = LastBounce(lastBounce).map { bounce in
            let moment = time.timestamp(Instant(milliseconds: bounce.at))
            return ("last bounce", "\(moment), job \(bounce.job): \(bounce.reason)")
        }
        return TextTable.definitions(
            [
                ("user id", account.userID), ("type", account.userType), ("email", account.email),
                ("language", account.language.rawValue), ("active", account.isActive ? "yes" : "no"),
                ("totp", totp(account)), ("created", time.timestamp(account.createdAt)),
            ] + [bounce].compactMap { $0 })
    }
}
