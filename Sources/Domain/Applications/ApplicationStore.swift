/// What a transaction reads about applications.
package protocol ApplicationReader {
    func applicationKey(id: String) throws -> ApplicationKey?
    /// Of one application or, with nil, of all; oldest first, the revoked ones too.
    func applicationKeys(_ application: String?) throws -> [ApplicationKey]
    /// Receivers of events, by application.
    func webhooks() throws -> [Webhook]
    /// What waits for each receiver, and what was given up; those that have neither are left out.
    func webhookQueues() throws -> [String: WebhookQueue]
    /// Receivers for which a claim would find a message.
    func receiversWithReadyMessages() throws -> [ReceiverID]
    /// The answer that was given under an idempotency key; nil when there was none since then.
    func answer(to request: IdempotentRequest, since: Instant) throws -> StoredAnswer?
    /// Answers that are kept, by application and key, after the given one.
    func sealedAnswers(after last: SealedAnswer?, limit: Int) throws -> [SealedAnswer]
}

/// What a transaction changes about applications.
package protocol ApplicationWriter: ApplicationReader {
    func insert(_ key: ApplicationKey) throws
    /// - Returns: whether it was there and was not revoked before.
    func revoke(key id: String, at now: Instant) throws -> Bool
    /// Takes the place of all receivers. One that was switched off stays so while its address is the same.
    func setWebhooks(_ webhooks: [Webhook]) throws
    /// - Returns: whether it was on.
    func switchOff(webhook application: String, at now: Instant, why: String) throws -> Bool
    /// - Returns: whether it was off.
    func switchOn(webhook application: String) throws -> Bool
    /// Keeps what became of the latest attempt to tell an application something.
    func record(_ outcome: WebhookOutcome, of application: String) throws
    func keep(_ answer: StoredAnswer, to request: IdempotentRequest, at now: Instant) throws
    /// Puts another seal around an answer. - Returns: whether it was still there.
    func reseal(_ answer: SealedAnswer) throws -> Bool
}

/// Tells applications of something, in the transaction that it happens in.
package protocol EventPublisher {
    /// Queues a job for each application that wants such events.
    func publish(_ event: WebhookEvent) throws
    /// Queues a job for this application alone. - Returns: its id.
    func publish(_ event: WebhookEvent, to application: String) throws -> Int64
}

/// A receiver of events, as the store has it.
package struct Webhook: Sendable, Equatable {
    package let application: String
    package let url: String
    /// Nil for all.
    package let events: Set<WebhookEvent.Name>?
    /// Nil for all.
    package let userTypes: Set<String>?
    /// Since when nothing is sent any more, and why; nil while it is on.
    package let offSince: Instant?
    package let offReason: String?
    /// The latest attempt; nil before the first.
    package let last: WebhookOutcome?
    /// When the first of the attempts failed since which none succeeded; nil when the latest one did.
    package let failingSince: Instant?

    package init(
        application: String, url: String, events: Set<WebhookEvent.Name>? = nil, userTypes: Set<String>? = nil,
        offSince: Instant? = nil, offReason: String? = nil, last: WebhookOutcome? = nil, failingSince: Instant? = nil
    ) {
        self.application = application
        self.url = url
        self.events = events
        self.userTypes = userTypes
        self.offSince = offSince
        self.offReason = offReason
        self.last = last
        self.failingSince = failingSince
    }

    /// The receiver that the configuration names.
    package init?(_ application: Application) {
        guard let settings = application.webhook else { return nil }
        self.init(
            application: application.id, url: settings.url, events: settings.events, userTypes: application.userTypes)
    }

    /// Whether what the configuration says is the same.
    package func isConfigured(like other: Webhook) -> Bool {
        (application, url) == (other.application, other.url) && (events, userTypes) == (other.events, other.userTypes)
    }

    package func wants(_ event: WebhookEvent) -> Bool {
        let types = [event.userType] + [event.details[WebhookEvent.previousUserType]].compactMap { $0 }
        return (events?.contains(event.name) ?? true) && (userTypes.map { !$0.isDisjoint(with: types) } ?? true)
    }
}

/// What became of an attempt to tell an application something.
package struct WebhookOutcome: Sendable, Equatable {
    package let at: Instant
    package let isDelivered: Bool
    /// In a sentence.
    package let words: String

    package init(at: Instant, isDelivered: Bool, words: String) {
        self.at = at
        self.isDelivered = isDelivered
        self.words = words
    }
}

/// Events of one receiver.
package struct WebhookQueue: Sendable, Equatable {
    /// Not delivered yet.
    package let waiting: Int
    /// When the first of those happened.
    package let oldest: Instant?
    /// Given up.
    package let dead: Int

    package init(waiting: Int = 0, oldest: Instant? = nil, dead: Int = 0) {
        self.waiting = waiting
        self.oldest = oldest
        self.dead = dead
    }
}

/// A request that may be sent again without a second effect: its key, and what tells it from others under that key.
package struct IdempotentRequest: Sendable, Equatable {
    package let application: String
    package let key: String
    /// A digest over method, path and fields.
    package let digest: [UInt8]

    /// The place that the seal around its answer is bound to.
    package var sealContext: [UInt8] { SealedAnswer(application: application, key: key, sealed: []).context }

    package init(application: String, key: String, digest: [UInt8]) {
        self.application = application
        self.key = key
        self.digest = digest
    }
}

/// A kept answer as a rotation of the seal keys sees it.
package struct SealedAnswer: Sendable, Equatable {
    package let application: String
    package let key: String
    package let sealed: [UInt8]

    package init(application: String, key: String, sealed: [UInt8]) {
        self.application = application
        self.key = key
        self.sealed = sealed
    }

    /// The place that the seal is bound to.
    package var context: [UInt8] { Array("answer:\(application):\(key)".utf8) }
}

/// What was answered, sealed, since some answers hold secrets.
package struct StoredAnswer: Sendable, Equatable {
    /// Of the request that it was given to.
    package let digest: [UInt8]
    package let sealed: [UInt8]

    package init(digest: [UInt8], sealed: [UInt8]) {
        self.digest = digest
        self.sealed = sealed
    }
}
