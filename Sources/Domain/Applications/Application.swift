/// An application of the institution that keeps a login of its own and leaves the second factor to us.
package struct Application: Sendable, Equatable {
    package let id: String
    /// As people see it.
    package let name: String
    /// The user types it has to do with; nil for all.
    package let userTypes: Set<String>?
    package let webhook: WebhookSettings?

    package init(id: String, name: String, userTypes: Set<String>? = nil, webhook: WebhookSettings? = nil) {
        self.id = id
        self.name = name
        self.userTypes = userTypes
        self.webhook = webhook
    }

    /// Whether a text can name an application: 1 to 32 small letters, digits and hyphens, so that it may stand in commands,
    /// metrics and the audit log as it is.
    package static func isID(_ text: String) -> Bool {
        (1...32).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
            }
    }

    /// Who did something, as the audit log has it.
    package var actor: String { "application:\(id)" }

    package func covers(_ userType: String) -> Bool { userTypes?.contains(userType) ?? true }
}

/// Where an application is told what happened.
package struct WebhookSettings: Sendable, Equatable {
    package let url: String
    /// Nil for all.
    package let events: Set<WebhookEvent.Name>?

    package init(url: String, events: Set<WebhookEvent.Name>? = nil) {
        self.url = url
        self.events = events
    }
}
