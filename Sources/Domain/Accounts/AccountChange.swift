/// What somebody in charge changes in an account: an operator, or an application that keeps its users' data. Each change has
/// its audit event, and applications are told of it.
package enum AccountChange: Sendable, Equatable {
    case email(EmailAddress)
    case userType(String)
    case language(Language)
    /// A deactivated account keeps everything and cannot log in.
    case isActive(Bool)

    /// What the account is to be and is not yet.
    package static func changes(
        to email: EmailAddress, userType: String, language: Language?, isActive: Bool?, of account: Account
    ) -> [AccountChange] {
        var changes: [AccountChange] = []
        if account.email != email.text { changes.append(.email(email)) }
        if account.userType != userType { changes.append(.userType(userType)) }
        if let language, language != account.language { changes.append(.language(language)) }
        if let isActive, isActive != account.isActive { changes.append(.isActive(isActive)) }
        return changes
    }

    /// - Parameters:
    ///   - actor: who does it, as the audit log has it.
    ///   - address: where it came from; nil for a command.
    /// - Returns: how many sessions ended.
    @discardableResult
    package func apply(
        to account: Account, in transaction: any AccountWriter & LoginWriter & AuditWriter, at now: Instant,
        by actor: String, from address: String? = nil
    ) throws -> Int {
        var ended = 0
        switch self {
        case .email(let email): try transaction.setEmail(account: account.id, email)
        case .userType(let userType): try transaction.setUserType(account: account.id, userType)
        case .language(let language): try transaction.setLanguage(account: account.id, language)
        case .isActive(let isActive):
            try transaction.setActive(account: account.id, isActive)
            if !isActive { ended = try transaction.endSessions(account: account.id, except: nil, at: now) }
        }
        let event = AuditEvent(
            name: event, at: now, actor: actor, subject: account.userID, address: address, detail: detail(account))
        try transaction.append(event.publishing(told(of: account, at: now)))
        return ended
    }

    /// What applications are told; both those that the account comes to and those that it leaves.
    private func told(of account: Account, at now: Instant) -> WebhookEvent {
        guard case .userType(let userType) = self else {
            return WebhookEvent(.accountChanged, of: account, at: now, details: ["change": word])
        }
        return WebhookEvent(
            .accountChanged, at: now, userID: account.userID, userType: userType,
            details: ["change": word, WebhookEvent.previousUserType: account.userType])
    }

    private var event: AuditEvent.Name {
        switch self {
        case .email: .userEmailChanged
        case .userType, .language: .userChanged
        case .isActive(true): .userActivated
        case .isActive(false): .userDeactivated
        }
    }

    private func detail(_ account: Account) -> String {
        switch self {
        case .email(let email): "from \(account.email) to \(email)"
        case .userType(let userType): "user type from \(account.userType) to \(userType)"
        case .language(let language): "language from \(account.language.rawValue) to \(language.rawValue)"
        case .isActive: ""
        }
    }

    /// The change as applications read it.
    private var word: String {
        switch self {
        case .email: "email"
        case .userType: "user_type"
        case .language: "language"
        case .isActive(true): "activated"
        case .isActive(false): "deactivated"
        }
    }
}
