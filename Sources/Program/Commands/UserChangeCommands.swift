import Configuration
import CommandLine
import Cryptography
import Domain
import Spelling
import Store

/// `pulih user set-password|set-email|deactivate|activate|reset-totp`: one account changed, in one transaction with its
/// audit event.
enum UserChangeCommands {
    static let setPassword = Command(
        "user set-password", operands: "USER_ID", count: 1...1,
        summary: "Give an account another password and end its sessions",
        options: [Commands.config] + PasswordEntry.options
    ) { invocation in
        try change(invocation) { account, configuration in
            guard let password = try PasswordEntry.read(invocation, for: account.userID) else {
                throw UsageError("--password-file or --password-stdin is missing")
            }
            let hash = try PasswordHasher().hash(Array(password.utf8), random: SystemRandom())
            return Change(event: .userPasswordChanged, details: ["change": "password"]) { transaction, now, actor in
                try transaction.setPassword(account: account.id, hash: hash)
                let ended = try transaction.endSessions(account: account.id, except: nil, at: now)
                return "The password of \(account.userID) is changed; \(sessions(ended))."
            }
        }
    }

    static let rename = Command(
        "user rename", operands: "USER_ID NEW_USER_ID", count: 2...2,
        summary: "Give an account another User ID; password, TOTP and sessions stay", options: [Commands.config]
    ) { invocation in
        guard let userID = UserID(invocation.operands[1]) else {
            throw UsageError("\(invocation.operands[1]) is no User ID: \(UserID.rule)")
        }
        return try change(invocation) { account, _ in
            Change(
                event: .userRenamed, subject: userID.text, detail: "from \(account.userID)",
                details: ["change": "renamed", "previous_user_id": account.userID]
            ) { transaction, now, actor in
                try transaction.rename(account: account.id, to: userID)
                return "\(account.userID) is \(userID) from now on. Tell the owner: the mails do not."
            }
        }
    }

    static let setEmail = Command(
        "user set-email", operands: "USER_ID ADDRESS", count: 2...2,
        summary: "Change where an account's mails go", options: [Commands.config]
    ) { invocation in
        guard let email = EmailAddress(invocation.operands[1]) else {
            throw UsageError("\(invocation.operands[1]) is not an address such as name@example.org")
        }
        return try change(invocation) { account, _ in
            Change { transaction, now, actor in
                try AccountChange.email(email).apply(to: account, in: transaction, at: now, by: actor)
                return "Mails for \(account.userID) go to \(email) from now on."
            }
        }
    }

    static let deactivate = Command(
        "user deactivate", operands: "USER_ID", count: 1...1,
        summary: "Keep an account from logging in and end its sessions; nothing is deleted", options: [Commands.config]
    ) { invocation in
        try change(invocation) { account, _ in
            guard account.isActive else { throw CommandError("\(account.userID) is not active already.") }
            return Change { transaction, now, actor in
                let ended = try AccountChange.isActive(false).apply(to: account, in: transaction, at: now, by: actor)
                return "\(account.userID) can no longer log in; \(sessions(ended))."
            }
        }
    }

    static let activate = Command(
        "user activate", operands: "USER_ID", count: 1...1, summary: "Let a deactivated account log in again",
        options: [Commands.config]
    ) { invocation in
        try change(invocation) { account, _ in
            guard !account.isActive else { throw CommandError("\(account.userID) is active already.") }
            return Change { transaction, now, actor in
                try AccountChange.isActive(true).apply(to: account, in: transaction, at: now, by: actor)
                return "\(account.userID) can log in again."
            }
        }
    }

    static let resetTOTP = Command(
        "user reset-totp", operands: "USER_ID", count: 1...1,
        summary: "Clear an account's TOTP secret, as a reset link does; the owner is told by mail",
        options: [Commands.config, .init("reason", "TEXT", "why, for the audit log")]
    ) { invocation in
        let reason = try invocation.required("reason")
        return try change(invocation) { account, _ in
            guard account.totp != .none else { throw CommandError("\(account.userID) has no TOTP secret.") }
            return Change { transaction, now, actor in
                guard
                    let ended = try Enrollment.reset(
                        account, in: transaction, at: now, by: actor, from: nil, place: "helpdesk", why: reason)
                else { throw CommandError("The TOTP secret of \(account.userID) has just changed. Nothing was done.") }
                return "TOTP of \(account.userID) is reset; \(sessions(ended)); a notice is on its way to the owner."
            }
        }
    }

    /// What a command does to an account, and what it is called in the audit log.
    private struct Change: Sendable {
        /// Nil where the change itself writes it.
        var event: AuditEvent.Name?
        /// The User ID afterwards, where it is another one.
        var subject: String?
        var detail = ""
        /// What applications are told.
        var details: [String: String] = [:]
        /// Returns the line that reports it.
        let apply: @Sendable (any WriteTransaction, Instant, _ actor: String) throws -> String
    }

    private static func change(
        _ invocation: Invocation, _ decide: (Account, Configuration) throws -> Change
    ) throws -> Int32 {
        try invocation.withDatabase { database, configuration in
            let account = try AccountFinder.find(invocation.operands[0], in: database)
            let change = try decide(account, configuration)
            let (now, actor) = (database.clock.now(), "operator:\(ProcessName.user)")
            let line = try database.write { transaction in
                let line = try change.apply(transaction, now, actor)
                guard let event = change.event else { return line }
                let userID = change.subject ?? account.userID
                try transaction.append(
                    AuditEvent(
                        name: event, at: now, actor: actor, subject: userID, address: nil, detail: change.detail
                    ).publishing(
                        WebhookEvent(
                            .accountChanged, at: now, userID: userID, userType: account.userType,
                            details: change.details)))
                return line
            }
            Console.line(line)
            return 0
        }
    }

    private static func sessions(_ count: Int) -> String {
        switch count {
        case 0: "no session was open"
        case 1: "one session was ended"
        default: "\(count) sessions were ended"
        }
    }
}

/// Finds accounts by what was typed.
enum AccountFinder {
    /// User IDs that are looked through for one like a mistyped one.
    private static let candidates = 1000

    /// - Throws: `CommandError` that names the nearest User ID when there is no such account.
    static func find(_ userID: String, in database: Database) throws -> Account {
        if let account = try database.read({ try $0.account(userID: userID) }) { return account }
        let start = String(userID.prefix(1))
        let known = try database.read { try $0.accounts(after: start, limit: candidates).map(\.userID) }
        let near = nearest(to: userID, among: Set(known)).map { " Did you mean \($0)?" } ?? ""
        throw CommandError("There is no account \(userID).\(near)")
    }
}
