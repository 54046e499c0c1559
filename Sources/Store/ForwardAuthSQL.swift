import Domain
import SQL

/// Logins at the hosts of applications.
extension StoreTransaction {
    func insert(code: ApplicationCode, digest: [UInt8]) throws {
        try connection.post(
            """
            INSERT INTO application_code (digest, session, application, host, browser, target, expires_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """,
            [
                .blob(digest), .integer(code.session), .text(code.application), .text(code.host), .blob(code.browser),
                .text(code.target), .instant(code.expiresAt),
            ])
    }

    func spendApplicationCode(digest: [UInt8]) throws -> ApplicationCode? {
        try connection.first(
            """
            DELETE FROM application_code WHERE digest = $1
            RETURNING session, application, host, browser, target, expires_at
            """, [.blob(digest)]
        ) { row in
            ApplicationCode(
                session: row.integer(0), application: row.text(1), host: row.text(2), browser: row.blob(3),
                target: row.text(4), expiresAt: row.instant(5))
        }
    }

    func insertApplicationLogin(
        application: String, host: String, session: Int64, digest: [UInt8], at now: Instant
    ) throws {
        try connection.post(
            """
            INSERT INTO application_session (digest, session, application, host, created_at)
            VALUES ($1, $2, $3, $4, $5)
            """, [.blob(digest), .integer(session), .text(application), .text(host), .instant(now)])
    }

    func applicationLogin(digest: [UInt8]) throws -> ApplicationLogin? {
        try connection.first(Self.applicationLoginSQL, [.blob(digest)]) { row in
            ApplicationLogin(
                application: row.text(19), host: row.text(20), session: Self.loginSession(row),
                account: Self.account(row, from: 9))
        }
    }

    func sessionChanges(after number: Int64?) throws -> (sessions: [Int64], last: Int64) {
        guard let number else {
            let last = try connection.first("SELECT max(id) FROM session_change", []) { $0.optionalInteger(0) ?? 0 }
            return ([], last ?? 0)
        }
        let changes = try connection.all(
            "SELECT id, session FROM session_change WHERE id > $1 ORDER BY id", [.integer(number)]
        ) { (id: $0.integer(0), session: $0.integer(1)) }
        return (changes.map(\.session), changes.last?.id ?? number)
    }

    func applicationsLoggedIn(account: Int64) throws -> [Int64: Set<String>] {
        let rows = try connection.all(
            """
            SELECT login.session, login.application FROM application_session AS login
            JOIN session ON session.id = login.session WHERE session.account = $1
            UNION
            SELECT login.session, login.application FROM openid_grant AS login
            JOIN session ON session.id = login.session
            WHERE session.account = $1 AND login.code_used_at IS NOT NULL AND login.ended_at IS NULL
            """, [.integer(account)]
        ) { ($0.integer(0), $0.text(1)) }
        return rows.reduce(into: [:]) { $0[$1.0, default: []].insert($1.1) }
    }

    func countLogin(to application: String, at now: Instant) { record(.loggedIn, label: application, at: now) }

    private static let applicationLoginSQL = """
        SELECT \(sessionColumns), \(accountColumns), login.application, login.host
        FROM application_session AS login
        JOIN session ON session.id = login.session
        JOIN account ON account.id = session.account
        WHERE login.digest = $1
        """
}
