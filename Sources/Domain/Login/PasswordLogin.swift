package import Cryptography

/// The password step of a login. Unknown accounts, inactive ones, wrong user types and wrong passwords go the same way,
/// do the same work and hear the same words.
package struct PasswordLogin: Sendable {
    /// What it needs of a transaction.
    package typealias Transaction = AccountWriter & LoginWriter & RateLimitWriter & AuditWriter

    package enum Outcome: Sendable, Equatable {
        /// The token of a session that has proved the password.
        case accepted(SessionToken, Account)
        case wrong
        /// Too many wrong ones for this User ID from this address.
        case wait(until: Instant)
        /// Too many wrong ones from this address.
        case tooMany
        /// The machine checks as many passwords as it can.
        case busy
    }

    private let passwords: any PasswordVerifier
    private let sessions: SessionService
    private let keys: SigningKeys

    /// - Parameter keys: any of the installation; counts of failures go by a MAC that is derived from them, so they start
    ///   over when the key changes.
    package init(passwords: any PasswordVerifier, sessions: SessionService, keys: SigningKeys) {
        self.passwords = passwords
        self.sessions = sessions
        self.keys = keys
    }

    package init(passwords: any PasswordVerifier, sessions: SessionService, key: SecretKey) {
        self.init(passwords: passwords, sessions: sessions, keys: SigningKeys(key))
    }

    /// Checks the password of a login, and opens a session when it is right.
    /// - Parameter old: the session that the browser has, if any: its owner's begins anew, anybody else's ends.
    package func attempt(
        _ password: [UInt8], ticket: ClaimedIdentity, in store: any Store, at now: Instant, from origin: RequestOrigin,
        replacing old: LoginSession? = nil
    ) throws -> Outcome {
        let sessions = sessions
        let outcome = try verify(password, ticket: ticket, in: store, at: now, from: origin) { account, transaction in
            try transaction.append(AuditEvent(.passwordAccepted, of: account, at: now, from: origin.address))
            if let old, old.account == account.id {
                return .accepted(try sessions.restart(old, in: transaction, at: now, from: origin), account)
            }
            if let old { _ = try transaction.endSession(old.id, at: now) }
            let token = try sessions.open(
                account: account.id, factor: .password, in: transaction, at: now, from: origin)
            return .accepted(token, account)
        }
        return outcome ?? .wrong
    }

    /// Asks somebody who is logged in for the password again, with the same limits.
    /// - Returns: nil when it is right.
    package func confirmPassword(
        _ password: [UInt8], of account: Account, in store: any Store, at now: Instant, from origin: RequestOrigin
    ) throws -> Outcome? {
        let ticket = ClaimedIdentity(userID: account.userID, userTypes: [account.userType])
        return try verify(password, ticket: ticket, in: store, at: now, from: origin) { _, _ in nil }
    }

    /// Judges a password outside any transaction: that takes tens of milliseconds, and everyone's writes share one
    /// writer. The attempt is counted before it is verified, so that parallel attempts each count.
    private func verify(
        _ password: [UInt8], ticket: ClaimedIdentity, in store: any Store, at now: Instant, from origin: RequestOrigin,
        whenAccepted: @escaping @Sendable (Account, any Transaction) throws -> Outcome?
    ) throws -> Outcome? {
        let failures = FailureKey.password(ticket.userID, from: origin.addressKey, key: keys.key(at: now))
        let admission = try store.write { try beginAttempt(ticket, failures, in: $0, at: now, from: origin) }
        guard case .allowed(let candidate) = admission else {
            if case .refused(let outcome) = admission { return outcome }
            return .wrong
        }
        let isRight: Bool
        let newHash: String?
        do throws(PasswordVerifierBusy) {
            let isVerified = try passwords.verify(password, against: candidate.hash)
            isRight = isVerified && candidate.account != nil
            newHash = isRight ? try passwords.rehash(password, for: candidate.hash ?? "") : nil
        } catch {
            try store.write { try $0.refundFailure(failures) }
            return .busy
        }
        return try store.write { transaction in
            guard isRight, let account = candidate.account,
                try transaction.credentials(account: account.id)?.passwordHash == candidate.hash
            else {
                try recordFailedLogin(candidate.account, in: transaction, at: now, from: origin)
                return .wrong
            }
            try transaction.clearFailures(failures)
            if let newHash { try transaction.setPassword(account: account.id, hash: newHash) }
            return try whenAccepted(account, transaction)
        }
    }

    private struct Candidate: Sendable {
        /// Nil when nobody by this name may log in.
        let account: Account?
        /// What the password is held against: somebody else's hash where there is no account; nil where no account has one.
        let hash: String?
    }

    private enum AttemptDecision: Sendable {
        case allowed(Candidate)
        case refused(Outcome)
    }

    private func beginAttempt(
        _ ticket: ClaimedIdentity, _ failures: FailureKey, in transaction: any Transaction, at now: Instant,
        from origin: RequestOrigin
    ) throws -> AttemptDecision {
        let recent = try transaction.rateLimitHits(from: Self.rateLimitKey(origin), since: now - .hours(1))
        guard recent < Throttle.maximumPerAddress else { return .refused(.tooMany) }
        let known = try transaction.failures(failures)
        if case .wait(let until) = Throttle.decision(known, of: failures.factor, at: now) {
            return .refused(.wait(until: until))
        }
        try transaction.recordFailure(failures, at: now, forgetBefore: now - Throttle.passwordMemory)
        let account = try transaction.account(userID: ticket.userID)
        let hash = try account.flatMap { try transaction.credentials(account: $0.id)?.passwordHash }
        guard let account, account.isActive, ticket.covers(account.userType), let hash else {
            return .allowed(
                Candidate(account: nil, hash: try hash ?? decoyHash(for: ticket.userID, in: transaction, at: now)))
        }
        return .allowed(Candidate(account: account, hash: hash))
    }

    /// The hash of some account, always the same for one User ID. Hashes that came from other systems take other times than
    /// ours, so only a real one, drawn from all of them, takes a time that an account of this name could take.
    private func decoyHash(for userID: String, in transaction: any AccountReader, at now: Instant) throws -> String? {
        let key = keys.key(at: now).derived(for: "decoy hashes")
        let mac = HMAC.code(.sha256, key: key.bytes, message: Array(CanonicalText.key(userID).utf8))
        return try transaction.decoyPasswordHash(mac.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    }

    private func recordFailedLogin(
        _ account: Account?, in transaction: any Transaction, at now: Instant, from origin: RequestOrigin
    ) throws {
        try transaction.recordRateLimitHit(from: Self.rateLimitKey(origin), at: now)
        // People type passwords into the User ID field: what is no account's name is not written down.
        let subject = account?.userID ?? "unknown"
        try transaction.append(
            AuditEvent(
                name: .loginFailed, at: now, actor: subject, subject: subject, address: origin.address,
                detail: "password"))
    }

    private static func rateLimitKey(_ origin: RequestOrigin) -> String { "login:\(origin.addressKey)" }
}

extension ClaimedIdentity {
    /// Whether the button that was pressed stands for this user type.
    package func covers(_ userType: String) -> Bool { userTypes.contains { Array($0.utf8) == Array(userType.utf8) } }
}
