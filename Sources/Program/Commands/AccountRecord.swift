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

    init(_ account: Account) {
        userID = account.userID
        userType = account.userType
        email = account.email
        language = account.language.rawValue
        active = account.isActive
        totp = account.totp.rawValue
        weakTOTP = account.hasWeakSecret
        createdAt = account.createdAt.milliseconds
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

    static func page(_ account: Account, _ time: LocalTimeFormatter) -> String {
        TextTable.definitions([
            ("user id", account.userID), ("type", account.userType), ("email", account.email),
            ("language", account.language.rawValue), ("active", account.isActive ? "yes" : "no"),
            ("totp", totp(account)), ("created", time.timestamp(account.createdAt)),
        ])
    }
}
