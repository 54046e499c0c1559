import Domain
import SQL

extension StoreTransaction {
    private static let columns = "id, account, generation, job, state, requested_at, expires_at, address"

    func resetRequest(id: String) throws -> ResetRequest? {
        try connection.first("SELECT \(Self.columns) FROM reset_request WHERE id = $1", [.text(id)], Self.request)
    }

    func resetRequests(jobs: [Int64]) throws -> [ResetRequest?] {
        let questions = jobs.map {
            Question("SELECT \(Self.columns) FROM reset_request WHERE job = $1", [.integer($0)])
        }
        return try connection.all(questions, Self.request).map(\.first)
    }

    func resetRequests(accounts: [Int64], since: Instant) throws -> [Int] {
        let questions = accounts.map {
            Question(
                "SELECT count(*) FROM reset_request WHERE account = $1 AND opened_at >= $2",
                [.integer($0), .instant(since)])
        }
        return try connection.all(questions) { Int($0.integer(0)) }.map { $0.first ?? 0 }
    }

    func open(_ request: ResetRequest, at now: Instant) throws {
        try connection.post(
            "UPDATE reset_request SET state = 'superseded', closed_at = $1 WHERE account = $2 AND state = 'open'",
            [.instant(now), .integer(request.account)])
        try connection.post(
            """
            INSERT INTO reset_request
                (id, account, generation, job, state, requested_at, opened_at, expires_at, address)
            VALUES ($1, $2, $3, $4, 'open', $5, $6, $7, $8)
            """,
            [
                .text(request.id), .integer(request.account), .integer(request.generation), .integer(request.job),
                .instant(request.requestedAt), .instant(now), .instant(request.expiresAt), .optional(request.address),
            ])
    }

    func spend(request: String, at now: Instant) throws -> Bool {
        try connection.run(
            """
            UPDATE reset_request SET state = 'used', closed_at = $1
            WHERE id = $2 AND state = 'open' AND expires_at > $1
            """,
            [.instant(now), .text(request)]) == 1
    }

    func cancel(request: String, at now: Instant) throws -> Bool {
        try connection.run(
            "UPDATE reset_request SET state = 'cancelled', closed_at = $1 WHERE id = $2 AND state = 'open'",
            [.instant(now), .text(request)]) == 1
    }

    func spend(_ captchas: [SpentCaptcha]) throws -> [Bool] {
        let questions = captchas.map {
            Question(
                "INSERT INTO spent_captcha (id, expires_at) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING RETURNING id",
                [.text($0.id), .instant($0.until)])
        }
        return try connection.all(questions) { $0.text(0) }.map { !$0.isEmpty }
    }

    func recordRateLimitHit(from address: String, at now: Instant) throws {
        try connection.post("INSERT INTO arrival (address, at) VALUES ($1, $2)", [.text(address), .instant(now)])
    }

    func rateLimitHits(from address: String, since: Instant) throws -> Int {
        try connection.first(
            "SELECT count(*) FROM arrival WHERE address = $1 AND at >= $2", [.text(address), .instant(since)]
        ) { Int($0.integer(0)) } ?? 0
    }

    private static func request(_ row: any Row) -> ResetRequest {
        ResetRequest(
            id: row.text(0), account: row.integer(1), generation: row.integer(2), job: row.integer(3),
            // The schema's CHECK admits no other text.
            state: ResetRequest.State(rawValue: row.text(4)) ?? .cancelled,
            requestedAt: row.instant(5), expiresAt: row.instant(6), address: row.optionalText(7))
    }
}
