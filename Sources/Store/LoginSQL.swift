import Domain
import SQL

/// Sessions, wrong answers, recovery codes and the policy.
extension StoreTransaction {
    static let sessionColumns = """
        session.id, session.account, session.public_id, session.factor, session.started_at, session.created_at,
        session.seen_at, session.address, session.browser
        """

    func session(digest: [UInt8]) throws -> LoginSession? {
        try connection.first(
            "SELECT \(Self.sessionColumns) FROM session WHERE digest = $1", [.blob(digest)], Self.loginSession)
    }

    func session(id: Int64) throws -> LoginSession? {
        try connection.first(
            "SELECT \(Self.sessionColumns) FROM session WHERE id = $1", [.integer(id)], Self.loginSession)
    }

    func sessions(account: Int64) throws -> [LoginSession] {
        try connection.all(
            "SELECT \(Self.sessionColumns) FROM session WHERE account = $1 ORDER BY id DESC", [.integer(account)],
            Self.loginSession)
    }

    func insert(session: LoginSession, digest: [UInt8]) throws -> Int64 {
        try insert(
            """
            INSERT INTO session (digest, account, public_id, factor, started_at, created_at, seen_at, address, browser)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """, Self.values(session, digest: digest))
    }

    func renew(session: LoginSession, digest: [UInt8]) throws {
        try connection.post("DELETE FROM application_session WHERE session = $1", [.integer(session.id)])
        try connection.post(
            """
            UPDATE session SET digest = $1, account = $2, public_id = $3, factor = $4, started_at = $5, created_at = $6,
                seen_at = $7, address = $8, browser = $9
            WHERE id = $10
            """, Self.values(session, digest: digest) + [.integer(session.id)])
    }

    func touch(session: Int64, at now: Instant) throws {
        try connection.post(
            "UPDATE session SET seen_at = $1 WHERE id = $2 AND seen_at < $1", [.instant(now), .integer(session)])
    }

    func endSession(_ id: Int64, at now: Instant) throws -> Bool {
        try tellLogout("session.id = $1", [.integer(id)], at: now)
        return try connection.run("DELETE FROM session WHERE id = $1", [.integer(id)]) == 1
    }

    func endSessions(account: Int64, except: Int64?, at now: Instant) throws -> Int {
        // Ids begin at 1.
        let values: [Value] = [.integer(account), .integer(except ?? 0)]
        try tellLogout("session.account = $1 AND session.id <> $2", values, at: now)
        return try connection.run("DELETE FROM session WHERE account = $1 AND id <> $2", values)
    }

    func failures(_ key: FailureKey) throws -> Failures? {
        try connection.first(
            "SELECT count, last_at FROM failure WHERE factor = $1 AND subject = $2", Self.values(key), Self.failures)
    }

    func recordFailure(_ key: FailureKey, at now: Instant, forgetBefore: Instant?) throws -> Failures {
        let forgotten = forgetBefore ?? Instant(milliseconds: .min)
        try connection.post(
            """
            INSERT INTO failure (factor, subject, count, last_at) VALUES ($1, $2, 1, $3)
            ON CONFLICT (factor, subject) DO UPDATE
            SET count = CASE WHEN failure.last_at < $4 THEN 1 ELSE failure.count + 1 END, last_at = $3
            """,
            Self.values(key) + [.instant(now), .instant(forgotten)])
        return try failures(key) ?? Failures(count: 1, lastAt: now)
    }

    func refundFailure(_ key: FailureKey) throws {
        try connection.post(
            "UPDATE failure SET count = count - 1 WHERE factor = $1 AND subject = $2 AND count > 0", Self.values(key))
    }

    func clearFailures(_ key: FailureKey) throws {
        try connection.post("DELETE FROM failure WHERE factor = $1 AND subject = $2", Self.values(key))
    }

    func recoveryCodes(account: Int64) throws -> RecoveryCodes.Status? {
        try connection.first(
            """
            SELECT count(*), sum(CASE WHEN used_at IS NULL THEN 1 ELSE 0 END), max(made_at)
            FROM recovery_code WHERE account = $1 HAVING count(*) > 0
            """, [.integer(account)]
        ) { RecoveryCodes.Status(remaining: Int($0.integer(1)), madeAt: $0.instant(2)) }
    }

    func replaceRecoveryCodes(account: Int64, digests: [[UInt8]], at now: Instant) throws {
        try connection.post("DELETE FROM recovery_code WHERE account = $1", [.integer(account)])
        for digest in digests {
            try connection.post(
                "INSERT INTO recovery_code (account, digest, made_at) VALUES ($1, $2, $3)",
                [.integer(account), .blob(digest), .instant(now)])
        }
    }

    func spendRecoveryCode(account: Int64, digest: [UInt8], at now: Instant) throws -> Bool {
        try connection.run(
            "UPDATE recovery_code SET used_at = $1 WHERE account = $2 AND digest = $3 AND used_at IS NULL",
            [.instant(now), .integer(account), .blob(digest)]) == 1
    }

    func policyRules() throws -> [PolicyRule] {
        try connection.all("SELECT scope, required, starts_at, made_at FROM policy_rule ORDER BY id") { row in
            PolicyRule(
                scope: row.optionalText(0), requiresTOTP: row.flag(1), from: row.instant(2), madeAt: row.instant(3))
        }
    }

    func addPolicyRule(_ rule: PolicyRule, by actor: String) throws {
        try connection.post(
            "INSERT INTO policy_rule (scope, required, starts_at, made_at, made_by) VALUES ($1, $2, $3, $4, $5)",
            [
                .optional(rule.scope), .integer(rule.requiresTOTP ? 1 : 0), .instant(rule.from), .instant(rule.madeAt),
                .text(actor),
            ])
    }

    func cancelUpcomingRules(scope: String?, after now: Instant) throws -> Int {
        try connection.run(
            "DELETE FROM policy_rule WHERE starts_at > $1 AND (CAST($2 AS TEXT) IS NULL OR scope = $2)",
            [.instant(now), .optional(scope)])
    }

    private static func values(_ session: LoginSession, digest: [UInt8]) -> [Value] {
        [
            .blob(digest), .integer(session.account), .text(session.publicID), .text(session.factor.rawValue),
            .instant(session.startedAt), .instant(session.createdAt), .instant(session.seenAt), .text(session.address),
            .text(session.browser),
        ]
    }

    private static func values(_ key: FailureKey) -> [Value] { [.text(key.factor.rawValue), .text(key.subject)] }

    private static func failures(_ row: any Row) -> Failures {
        Failures(count: Int(row.integer(0)), lastAt: row.instant(1))
    }

    static func loginSession(_ row: any Row) -> LoginSession {
        LoginSession(
            id: row.integer(0), account: row.integer(1), publicID: row.text(2),
            // The schema's CHECK admits no other text.
            factor: LoginSession.Factor(rawValue: row.text(3)) ?? .password, startedAt: row.instant(4),
            createdAt: row.instant(5), seenAt: row.instant(6), address: row.text(7), browser: row.text(8))
    }
}
