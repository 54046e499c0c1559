import FoundationEssentials

/// Something that applications are told.
package struct WebhookEvent: Sendable, Equatable {
    /// The text is the `type` that receivers see.
    package enum Name: String, Sendable, CaseIterable {
        case totpActivated = "totp.activated"
        case totpReset = "totp.reset"
        case totpDisabled = "totp.disabled"
        case resetRequested = "reset.requested"
        case resetRefused = "reset.refused"
        case resetCancelled = "reset.cancelled"
        case recoveryCodeUsed = "recovery_code.used"
        case codeLimitReached = "code.limit_reached"
        case accountChanged = "account.changed"
        /// `pulih webhook test`: no other event has this type.
        case test = "pulih.test"
    }

    /// The detail that names the user type which an account leaves.
    package static let previousUserType = "previous_user_type"

    package let name: Name
    package let at: Instant
    package let userID: String
    package let userType: String
    /// What else there is to say, by key; never a secret.
    package let details: [String: String]

    package init(
        _ name: Name, at: Instant, userID: String, userType: String, details: [String: String] = [:]
    ) {
        self.name = name
        self.at = at
        self.userID = userID
        self.userType = userType
        self.details = details
    }

    package init(_ name: Name, of account: Account, at: Instant, details: [String: String] = [:]) {
        self.init(name, at: at, userID: account.userID, userType: account.userType, details: details)
    }
}

/// The message that a receiver gets: made once, and the same at each attempt.
package struct WebhookMessage: Sendable, Equatable, Codable {
    /// The `webhook-id`: receivers apply each once.
    package let id: String
    /// The body, byte for byte.
    package let body: String

    /// - Parameter id: that no other message has or will have.
    package init(_ event: WebhookEvent, id: String) throws {
        struct Content: Encodable {
            let type: String
            let timestamp: String
            let data: [String: String]
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var data = event.details
        data["user_id"] = event.userID
        data["user_type"] = event.userType
        let content = Content(type: event.name.rawValue, timestamp: event.at.rfc3339, data: data)
        self.id = id
        body = String(decoding: try encoder.encode(content), as: UTF8.self)
    }

    package func job(for application: String, at now: Instant) throws -> NewJob {
        try NewJob(.webhook, payload: self, at: now, requestID: id, application: application)
    }
}
