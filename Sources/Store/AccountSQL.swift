import Domain
import SQLite

extension Session {
    private static let columns = "id, user_id, user_type, email, language, active, totp, generation, created_at"

    func account(userID: String) throws -> Account? {
        try connection.first(
            "SELECT \(Self.columns) FROM account WHERE user_id = $1", [.text(userID)], Self.account)
    }

    func account(id: Int64) throws -> Account? {
        try connection.first("SELECT \(Self.columns) FROM account WHERE id = $1", [.integer(id)], Self.account)
    }

    func accounts(after userID: String, limit: Int) throws -> [Account] {
        try connection.all(
            "SELECT \(Self.columns) FROM account WHERE user_id > $1 ORDER BY user_id LIMIT $2",
            [.text(userID), .integer(limit)], Self.account)
    }

    func insert(_ account: NewAccount, at now: Instant) throws -> Int64 {
        do {
            try connection.run(
                """
                INSERT INTO account (user_id, user_type, email, language, password_hash, created_at)
                VALUES ($1, $2, $3, $4, $5, $6)
                """,
                [
                    .text(account.userID.text), .text(account.userType), .text(account.email.text),
                    .text(account.language.rawValue), .optional(account.passwordHash), .instant(now),
                ])
        } catch let error as SQLiteError where error.isConstraint {
            throw StorageFault(
                sentence: "There is an account with User ID \(account.userID) already.", detail: error.description)
        }
        return connection.lastInsertedID
    }

    func setSecret(account: Int64, sealed: [UInt8], generation: Int64) throws {
        try connection.run(
            "UPDATE account SET totp = 'active', totp_secret = $1, generation = $2 WHERE id = $3",
            [.blob(sealed), .integer(generation), .integer(account)])
    }

    func clearSecret(account: Int64, generation: Int64) throws -> Bool {
        try connection.run(
            """
            UPDATE account SET totp = 'none', totp_secret = NULL, generation = generation + 1
            WHERE id = $1 AND generation = $2
            """,
            [.integer(account), .integer(generation)]) == 1
    }

    private static func account(_ row: Row) -> Account {
        Account(
            id: row.integer(0), userID: row.text(1), userType: row.text(2), email: row.text(3),
            language: Language(rawValue: row.text(4)) ?? .indonesian, isActive: row.flag(5),
            totp: TOTPStanding(rawValue: row.text(6)) ?? .none, generation: row.integer(7), createdAt: row.instant(8))
    }
}
