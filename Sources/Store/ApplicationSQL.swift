import Domain
import SQL

/// Applications' keys, the receivers of events, and the answers that are given again.
extension StoreTransaction {
    private static let keyColumns = "id, application, scopes, digest, created_at, revoked_at"

    func applicationKey(id: String) throws -> ApplicationKey? {
        try connection.first("SELECT \(Self.keyColumns) FROM application_key WHERE id = $1", [.text(id)], Self.key)
    }

    func applicationKeys(_ application: String?) throws -> [ApplicationKey] {
        try connection.all(
            """
            SELECT \(Self.keyColumns) FROM application_key WHERE application = coalesce($1, application)
            ORDER BY application, created_at, id
            """, [.optional(application)], Self.key)
    }

    func insert(_ key: ApplicationKey) throws {
        try connection.post(
            """
            INSERT INTO application_key (id, application, scopes, digest, created_at) VALUES ($1, $2, $3, $4, $5)
            """,
            [
                .text(key.id), .text(key.application), .text(Self.words(key.scopes.map(\.rawValue)) ?? ""),
                .blob(key.digest), .instant(key.createdAt),
            ])
    }

    func revoke(key id: String, at now: Instant) throws -> Bool {
        try connection.run(
            "UPDATE application_key SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL",
            [.instant(now), .text(id)]) == 1
    }

    // MARK: - Receivers of events

    func webhooks() throws -> [Webhook] {
        try connection.all(
            """
            SELECT application, url, events, user_types, off_since, off_reason, last_at, last_delivered, last_words,
                failing_since
            FROM webhook ORDER BY application
            """
        ) { row in
            Webhook(
                application: row.text(0), url: row.text(1),
                events: row.optionalText(2).map { Set(Self.set($0).compactMap(WebhookEvent.Name.init(rawValue:))) },
                userTypes: row.optionalText(3).map(Self.set), offSince: row.optionalInstant(4),
                offReason: row.optionalText(5),
                last: row.optionalInstant(6).map {
                    WebhookOutcome(at: $0, isDelivered: row.flag(7), words: row.text(8))
                }, failingSince: row.optionalInstant(9))
        }
    }

    func webhookQueues() throws -> [String: WebhookQueue] {
        let rows = try connection.all(
            """
            SELECT coalesce(application, ''), sum(CASE WHEN state = 'dead' THEN 0 ELSE 1 END),
                min(CASE WHEN state = 'dead' THEN NULL ELSE created_at END),
                sum(CASE WHEN state = 'dead' THEN 1 ELSE 0 END)
            FROM job WHERE kind = 'webhook' AND state NOT IN ('done', 'discarded') GROUP BY application
            """
        ) { row in
            let queue = WebhookQueue(
                waiting: Int(row.integer(1)), oldest: row.optionalInstant(2), dead: Int(row.integer(3)))
            return (row.text(0), queue)
        }
        return Dictionary(rows) { $1 }
    }

    func receiversWithReadyMessages() throws -> [ReceiverID] {
        let questions = JobKind.toApplications.map { kind in
            Question(
                """
                SELECT DISTINCT application FROM job
                WHERE state = 'ready' AND kind = '\(kind.rawValue)' AND application IS NOT NULL AND \(Self.isNotPaused("kind"))
                """, [])
        }
        return zip(JobKind.toApplications, try connection.all(questions) { $0.text(0) }).flatMap { kind, applications in
            applications.map { ReceiverID(kind, $0) }
        }
    }

    func setWebhooks(_ webhooks: [Webhook]) throws {
        subscriptions = nil
        for known in try self.webhooks() where !webhooks.contains(where: { $0.application == known.application }) {
            try connection.post("DELETE FROM webhook WHERE application = $1", [.text(known.application)])
        }
        for webhook in webhooks {
            try connection.post(
                """
                INSERT INTO webhook (application, url, events, user_types) VALUES ($1, $2, $3, $4)
                ON CONFLICT (application) DO UPDATE SET url = $2, events = $3, user_types = $4,
                    off_since = CASE WHEN webhook.url = $2 THEN webhook.off_since END,
                    off_reason = CASE WHEN webhook.url = $2 THEN webhook.off_reason END,
                    failing_since = CASE WHEN webhook.url = $2 THEN webhook.failing_since END
                """,
                [
                    .text(webhook.application), .text(webhook.url),
                    .optional(webhook.events.flatMap { Self.words($0.map(\.rawValue)) }),
                    .optional(webhook.userTypes.flatMap { Self.words(Array($0)) }),
                ])
        }
    }

    func switchOff(webhook application: String, at now: Instant, why: String) throws -> Bool {
        subscriptions = nil
        return try connection.run(
            "UPDATE webhook SET off_since = $1, off_reason = $2 WHERE application = $3 AND off_since IS NULL",
            [.instant(now), .text(why), .text(application)]) == 1
    }

    func switchOn(webhook application: String) throws -> Bool {
        subscriptions = nil
        return try connection.run(
            "UPDATE webhook SET off_since = NULL, off_reason = NULL WHERE application = $1 AND off_since IS NOT NULL",
            [.text(application)]) == 1
    }

    func record(_ outcome: WebhookOutcome, of application: String) throws {
        try connection.post(
            """
            UPDATE webhook SET last_at = $1, last_delivered = $2, last_words = $3,
                failing_since = CASE WHEN $2 = 0 THEN coalesce(failing_since, $1) END
            WHERE application = $4
            """,
            [.instant(outcome.at), .flag(outcome.isDelivered), .text(outcome.words), .text(application)])
    }

    func publish(_ event: WebhookEvent) throws {
        let subscribed = try subscriptions ?? webhooks()
        subscriptions = subscribed
        for webhook in subscribed where webhook.offSince == nil && webhook.wants(event) {
            try post(message(event, to: webhook.application))
        }
    }

    func publish(_ event: WebhookEvent, to application: String) throws -> Int64 {
        try enqueue(message(event, to: application))
    }

    private func message(_ event: WebhookEvent, to application: String) throws -> NewJob {
        try WebhookMessage(event, id: eventID()).job(for: application, at: event.at)
    }

    private func eventID() -> String { "evt_\(Self.messageID())" }

    /// 128 random bits, so that no receiver ever meets an id again, whatever is restored from a backup.
    static func messageID() -> String {
        let halves = [UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max)]
        return halves.map { hexadecimal($0) }.joined()
    }

    private static func hexadecimal(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }

    // MARK: - Answers

    func answer(to request: IdempotentRequest, since: Instant) throws -> StoredAnswer? {
        try connection.first(
            "SELECT digest, sealed FROM answer WHERE application = $1 AND key = $2 AND at >= $3",
            [.text(request.application), .text(request.key), .instant(since)]
        ) { StoredAnswer(digest: $0.blob(0), sealed: $0.blob(1)) }
    }

    func sealedAnswers(after last: SealedAnswer?, limit: Int) throws -> [SealedAnswer] {
        try connection.all(
            """
            SELECT application, key, sealed FROM answer
            WHERE application > $1 OR (application = $1 AND key > $2) ORDER BY application, key LIMIT $3
            """, [.text(last?.application ?? ""), .text(last?.key ?? ""), .integer(limit)]
        ) { SealedAnswer(application: $0.text(0), key: $0.text(1), sealed: $0.blob(2)) }
    }

    func reseal(_ answer: SealedAnswer) throws -> Bool {
        try connection.run(
            "UPDATE answer SET sealed = $1 WHERE application = $2 AND key = $3",
            [.blob(answer.sealed), .text(answer.application), .text(answer.key)]) == 1
    }

    func keep(_ answer: StoredAnswer, to request: IdempotentRequest, at now: Instant) throws {
        try connection.post(
            """
            INSERT INTO answer (application, key, digest, sealed, at) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (application, key) DO UPDATE SET digest = $3, sealed = $4, at = $5
            """,
            [
                .text(request.application), .text(request.key), .blob(answer.digest), .blob(answer.sealed),
                .instant(now),
            ])
    }

    private static func key(_ row: any Row) -> ApplicationKey {
        ApplicationKey(
            id: row.text(0), application: row.text(1),
            scopes: Set(set(row.text(2)).compactMap(ApplicationScope.init(rawValue:))), digest: row.blob(3),
            createdAt: row.instant(4), revokedAt: row.optionalInstant(5))
    }

    private static func words(_ texts: [String]) -> String? { texts.sorted().joined(separator: " ") }

    private static func set(_ words: String) -> Set<String> { Set(words.split(separator: " ").map(String.init)) }
}
