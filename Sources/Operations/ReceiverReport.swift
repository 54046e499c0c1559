package import Domain

/// How the telling of an application goes, as pages, the JSON API and `pulih webhook list` tell it. The names are part of
/// the interface; times are epoch milliseconds.
package struct ReceiverReport: Sendable, Encodable {
    /// Events that have failed for longer than this need somebody.
    package static let failing = TimeSpan.hours(1)

    package let application: String
    package let url: String
    /// Since when it is switched off, and why.
    package let offSince: Int64?
    package let offReason: String?
    /// Events that are not delivered yet, and the age of the first.
    package let waiting: Int
    package let oldestWaitingAgeSeconds: Double?
    /// Events that were given up.
    package let dead: Int
    /// For how long every attempt has failed.
    package let failingSeconds: Double?
    /// When the latest attempt began, and what became of it.
    package let lastAt: Int64?
    package let lastDelivered: Bool?
    package let lastWords: String?

    package var isOff: Bool { offSince != nil }
    /// Whether somebody has to see to it.
    package var needsCare: Bool { isOff || (failingSeconds ?? 0) >= Self.failing.seconds }

    init(_ webhook: Webhook, _ queue: WebhookQueue, at now: Instant) {
        application = webhook.application
        url = Excerpt.of(webhook.url, atMost: Excerpt.reply)
        offSince = webhook.offSince?.milliseconds
        offReason = webhook.offReason.map { Excerpt.of($0, atMost: Excerpt.reply) }
        waiting = queue.waiting
        oldestWaitingAgeSeconds = queue.oldest.map { max(0, (now - $0).seconds) }
        dead = queue.dead
        failingSeconds = webhook.failingSince.map { max(0, (now - $0).seconds) }
        lastAt = webhook.last?.at.milliseconds
        lastDelivered = webhook.last?.isDelivered
        lastWords = webhook.last.map { Excerpt.of($0.words, atMost: Excerpt.reply) }
    }

    /// By application.
    package static func all(of transaction: any ApplicationReader, at now: Instant) throws -> [ReceiverReport] {
        let webhooks = try transaction.webhooks()
        guard !webhooks.isEmpty else { return [] }
        let queues = try transaction.webhookQueues()
        return webhooks.map { ReceiverReport($0, queues[$0.application] ?? WebhookQueue(), at: now) }
    }
}
