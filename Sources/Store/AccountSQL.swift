import Domain
import SQL

extension StoreTransaction {
    static let accountColumns = """
        account.id, account.user_id, account.user_type, account.email, account.language, account.active, account.totp,
        account.totp_weak, account.generation, account.created_at
        """

    func accounts(userIDs: [String]) throws -> [Account?] {
        let questions = userIDs.map { userID in
            Question(
                "SELECT \(Self.accountColumns) FROM account WHERE lower(user_id) = $1",
                [.text(CanonicalText.key(userID))])
        }
        return zip(userIDs, try connection.all(questions, Self.account)).map { userID, accounts in
            guard accounts.count > 1 else { return accounts.first }
            // From a version that took User IDs of another case for another account: each keeps its own spelling.
            let typed = Array(CanonicalText.trimmed(userID).utf8)
            return accounts.first { Array($0.userID.utf8) == typed }
        }
    }

    func accounts(ids: [Int64]) throws -> [Account?] {
        let questions = ids.map {
            Question("SELECT \(Self.accountColumns) FROM account WHERE id = $1", [.integer($0)])
        }
        return try connection.all(questions, Self.account).map(\.first)
    }

    func accounts(after userID: String, limit: Int) throws -> [Account] {
        try connection.all(
            "SELECT \(Self.accountColumns) FROM account WHERE lower(user_id) > $1 ORDER BY lower(user_id) LIMIT $2",
            [.text(CanonicalText.key(userID)), .integer(limit)], Self.account)
    }

    func accountsWithWeakSecret(after userID: String, limit: Int) throws -> [Account] {
        try connection.all(
            """
            SELECT \(Self.accountColumns) FROM account WHERE totp_weak = 1 AND lower(user_id) > $1
            ORDER BY lower(user_id) LIMIT $2
            """,
            [.text(CanonicalText.key(userID)), .integer(limit)], Self.account)
    }

    func ambiguousUserIDs(limit: Int) throws -> [String] {
        try connection.all(
            """
            SELECT user_id FROM account WHERE lower(user_id) IN
                (SELECT lower(user_id) FROM account GROUP BY lower(user_id) HAVING count(*) > 1)
            ORDER BY lower(user_id), user_id LIMIT $1
            """, [.integer(limit)]
        ) { $0.text(0) }
    }

    func rename(account: Int64, to userID: UserID) throws {
        try refusingTakenUserID(userID) {
            try connection.run(
                "UPDATE account SET user_id = $1 WHERE id = $2", [.text(userID.text), .integer(account)])
        }
    }

    func insert(_ account: NewAccount, at now: Instant) throws -> Int64 {
        try refusingTakenUserID(account.userID) {
            try insert(
                """
                INSERT INTO account (user_id, user_type, email, language, password_hash, created_at)
                VALUES ($1, $2, $3, $4, $5, $6)
                """,
                [
                    .text(account.userID.text), .text(account.userType), .text(account.email.text),
                    .text(account.language.rawValue), .optional(account.passwordHash), .instant(now),
                ])
        }
    }

    @discardableResult
    private func refusingTakenUserID<Result>(_ userID: UserID, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as any SQLError where error.cause == .constraint {
            throw StoreError(
                sentence: "There is an account with User ID \(userID) already.", detail: error.description)
        }
    }

    func credentials(account: Int64) throws -> Credentials? {
        try connection.first(
            "SELECT password_hash, totp_secret, totp_parameters, totp_last_step, totp_drift FROM account WHERE id = $1",
            [.integer(account)]
        ) { row in
            Credentials(
                passwordHash: row.optionalText(0), sealedSecret: row.optionalBlob(1),
                parameters: TOTPParameters(text: row.text(2)) ?? .standard,
                lastStep: row.optionalInteger(3).map { TimeStep($0) }, drift: Int(row.integer(4)))
        }
    }

    func decoyPasswordHash(_ number: UInt64) throws -> String? {
        let last = try connection.first("SELECT coalesce(max(id), 0) FROM account") { $0.integer(0) } ?? 0
        guard last > 0 else { return nil }
        // Ids begin at 1; where one is missing, or has no password, the next stands in.
        let first = Int64(number % UInt64(last)) + 1
        let next = "SELECT password_hash FROM account WHERE password_hash IS NOT NULL AND id >= $1 ORDER BY id LIMIT 1"
        return try [first, 1].lazy.compactMap { try connection.first(next, [.integer($0)]) { $0.text(0) } }.first
    }

    func setPassword(account: Int64, hash: String) throws {
        try connection.post("UPDATE account SET password_hash = $1 WHERE id = $2", [.text(hash), .integer(account)])
    }

    func setEmail(account: Int64, _ email: EmailAddress) throws {
        try connection.post("UPDATE account SET email = $1 WHERE id = $2", [.text(email.text), .integer(account)])
    }

    func setUserType(account: Int64, _ userType: String) throws {
        try connection.post("UPDATE account SET user_type = $1 WHERE id = $2", [.text(userType), .integer(account)])
    }

    func setLanguage(account: Int64, _ language: Language) throws {
        try connection.post(
            "UPDATE account SET language = $1 WHERE id = $2", [.text(language.rawValue), .integer(account)])
    }

    func delete(account: Int64, at now: Instant) throws {
        _ = try endSessions(account: account, except: nil, at: now)
        try connection.post("DELETE FROM failure WHERE factor <> 'password' AND subject = $1", [.text("\(account)")])
        try connection.post("DELETE FROM account WHERE id = $1", [.integer(account)])
    }

    func setActive(account: Int64, _ isActive: Bool) throws {
        try connection.post(
            "UPDATE account SET active = $1 WHERE id = $2", [.integer(isActive ? 1 : 0), .integer(account)])
    }

    func setSecret(
        account: Int64, sealed: [UInt8], isWeak: Bool, generation: Int64, parameters: TOTPParameters, state: TOTPState
    ) throws {
        try connection.post(
            """
            UPDATE account SET totp = $1, totp_secret = $2, generation = $3, totp_parameters = $4, totp_weak = $5,
                totp_last_step = NULL, totp_drift = 0
            WHERE id = $6
            """,
            [
                .text(state.rawValue), .blob(sealed), .integer(generation), .text(parameters.text),
                .integer(isWeak ? 1 : 0), .integer(account),
            ])
    }

    func sealedSecrets(after account: Int64, limit: Int) throws -> [SealedSecret] {
        try connection.all(
            """
            SELECT id, generation, totp_secret FROM account WHERE id > $1 AND totp_secret IS NOT NULL ORDER BY id LIMIT $2
            """,
            [.integer(account), .integer(limit)]
        ) { SealedSecret(account: $0.integer(0), generation: $0.integer(1), sealed: $0.blob(2)) }
    }

    func reseal(_ secret: SealedSecret) throws -> Bool {
        try connection.run(
            "UPDATE account SET totp_secret = $1 WHERE id = $2 AND generation = $3 AND totp_secret IS NOT NULL",
            [.blob(secret.sealed), .integer(secret.account), .integer(secret.generation)]) == 1
    }

    func acceptStep(account: Int64, generation: Int64, step: TimeStep, drift: Int) throws -> Bool {
        try connection.run(
            """
            UPDATE account SET totp = 'active', totp_last_step = $1, totp_drift = $2
            WHERE id = $3 AND generation = $4 AND totp <> 'none' AND (totp_last_step IS NULL OR totp_last_step < $1)
            """,
            [.integer(step.counter), .integer(drift), .integer(account), .integer(generation)]) == 1
    }

    func clearSecret(account: Int64, generation: Int64) throws -> Bool {
        let isCleared =
            try connection.run(
                """
                UPDATE account SET totp = 'none', totp_secret = NULL, totp_weak = 0, totp_last_step = NULL, totp_drift = 0,
                    generation = generation + 1
                WHERE id = $1 AND generation = $2
                """,
                [.integer(account), .integer(generation)]) == 1
        guard isCleared else { return false }
        try connection.post("DELETE FROM recovery_code WHERE account = $1", [.integer(account)])
        try clearFailures(.code(account))
        try clearFailures(.recovery(account))
        return true
    }

    private static func account(_ row: any Row) -> Account { account(row, from: 0) }

    /// - Parameter first: the column with which those of the account begin.
    static func account(_ row: any Row, from first: Int32) -> Account {
        Account(
            id: row.integer(first), userID: row.text(first + 1), userType: row.text(first + 2),
            email: row.text(first + 3), language: Language(rawValue: row.text(first + 4)) ?? .indonesian,
            isActive: row.flag(first + 5), totp: TOTPState(rawValue: row.text(first + 6)) ?? .none,
            hasWeakSecret: row.flag(first + 7), generation: row.integer(first + 8),
            createdAt: row.instant(first + 9))
    }
}
