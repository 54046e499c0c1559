import Domain
import SQL

/// What applications that log in by OpenID Connect were granted. Of codes and tokens only digests are kept.
extension StoreTransaction {
    func subject(account: Int64) throws -> String? {
        try connection.first("SELECT subject FROM subject WHERE account = $1", [.integer(account)]) { $0.text(0) }
    }

    func setSubject(account: Int64, _ subject: String) throws {
        try connection.post(
            "INSERT INTO subject (account, subject) VALUES ($1, $2) ON CONFLICT (account) DO NOTHING",
            [.integer(account), .text(subject)])
    }

    func grant(id: Int64) throws -> OpenIDGrant? {
        try connection.first("\(Self.grantSQL) WHERE id = $1", [.integer(id)], Self.grant)
    }

    func grant(code digest: [UInt8]) throws -> OpenIDGrant? {
        try connection.first("\(Self.grantSQL) WHERE code = $1", [.blob(digest)], Self.grant)
    }

    func token(digest: [UInt8]) throws -> OpenIDToken? {
        try connection.first(
            "SELECT grant_id, kind, expires_at, used_at FROM openid_token WHERE digest = $1", [.blob(digest)]
        ) { row in
            OpenIDToken(
                grant: row.integer(0),
                // The schema's CHECK admits no other text.
                kind: OpenIDToken.Kind(rawValue: row.text(1)) ?? .access, expiresAt: row.instant(2),
                usedAt: row.optionalInstant(3))
        }
    }

    func insert(_ grant: OpenIDGrant, code digest: [UInt8], tellsLogout: Bool) throws {
        try connection.post(
            """
            INSERT INTO openid_grant (session, application, scopes, nonce, factor, authenticated_at, redirect_uri,
                challenge, code, code_expires_at, tells_logout)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            """,
            [
                .integer(grant.session), .text(grant.application), .text(Scope.text(grant.scopes)),
                .optional(grant.nonce), .text(grant.factor.rawValue), .instant(grant.authenticatedAt),
                .text(grant.redirectURI), .text(grant.challenge), .blob(digest), .instant(grant.codeExpiresAt),
                .flag(tellsLogout),
            ])
    }

    func spendCode(grant: Int64, at now: Instant) throws -> Bool {
        try connection.run(
            """
            UPDATE openid_grant SET code_used_at = $1
            WHERE id = $2 AND code_used_at IS NULL AND ended_at IS NULL AND code_expires_at > $1
            """, [.instant(now), .integer(grant)]) == 1
    }

    func insert(_ token: OpenIDToken, digest: [UInt8]) throws {
        try connection.post(
            "INSERT INTO openid_token (digest, grant_id, kind, expires_at) VALUES ($1, $2, $3, $4)",
            [.blob(digest), .integer(token.grant), .text(token.kind.rawValue), .instant(token.expiresAt)])
    }

    func spendToken(digest: [UInt8], at now: Instant) throws -> Bool {
        try connection.run(
            """
            UPDATE openid_token SET used_at = $1
            WHERE digest = $2 AND kind = 'refresh' AND used_at IS NULL AND expires_at > $1
            """, [.instant(now), .blob(digest)]) == 1
    }

    func deleteToken(digest: [UInt8]) throws {
        try connection.post("DELETE FROM openid_token WHERE digest = $1", [.blob(digest)])
    }

    func end(grant: Int64, at now: Instant) throws -> Bool {
        try connection.run(
            "UPDATE openid_grant SET ended_at = $1 WHERE id = $2 AND ended_at IS NULL",
            [.instant(now), .integer(grant)]) == 1
    }

    /// Queues a notice for each application that got tokens by one of these sessions and wants to know of their end.
    /// - Parameter condition: which sessions, about `session`.
    func tellLogout(_ condition: String, _ values: [Value], at now: Instant) throws {
        let told = try connection.all(
            """
            SELECT DISTINCT openid_grant.application, subject.subject, session.public_id, session.account
            FROM session
            JOIN openid_grant ON openid_grant.session = session.id
            JOIN subject ON subject.account = session.account
            WHERE openid_grant.tells_logout = 1 AND openid_grant.code_used_at IS NOT NULL AND \(condition)
            """, values
        ) { (application: $0.text(0), subject: $0.text(1), session: $0.text(2), account: $0.integer(3)) }
        for one in told {
            let notice = LogoutNotice(id: Self.messageID(), subject: one.subject, session: one.session)
            let job = try NewJob(
                .logout, payload: notice, at: now, requestID: notice.id, account: one.account,
                application: one.application)
            _ = try enqueue(job)
        }
    }

    private static let grantSQL = """
        SELECT id, session, application, scopes, nonce, factor, authenticated_at, redirect_uri, challenge,
            code_expires_at, code_used_at, ended_at
        FROM openid_grant
        """

    private static func grant(_ row: any Row) -> OpenIDGrant {
        OpenIDGrant(
            id: row.integer(0), session: row.integer(1), application: row.text(2), scopes: Scope.set(row.text(3)),
            nonce: row.optionalText(4),
            // The schema's CHECK admits no other text.
            factor: LoginSession.Factor(rawValue: row.text(5)) ?? .password, authenticatedAt: row.instant(6),
            redirectURI: row.text(7), challenge: row.text(8), codeExpiresAt: row.instant(9),
            codeUsedAt: row.optionalInstant(10), endedAt: row.optionalInstant(11))
    }
}
