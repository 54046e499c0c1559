package import Cryptography

/// The password step of a login. Unknown accounts, inactive ones, wrong user types and wrong passwords go the same way,
/// do the same work and hear the same words.
package struct LoginDesk: Sendable {
    package enum Outcome: Sendable, Equatable {
        /// The token of a session that has proved the password.
        case right(SessionToken, Account)
        case wrong
        /// Too many wrong ones for this User ID from this address.
        case wait(until: Instant)
        /// Too many wrong ones from this address.
        case tooMany
        /// The machine checks as many passwords as it can.
        case busy
    }

    private let passwords: any Passwords
    private let sessions: SessionDesk
    private let keys: SigningKeys

    /// - Parameter keys: any of the installation; counts of failures go by a MAC that is derived from them, so they start
    ///   over when the key changes.
    package init(passwords: any Passwords, sessions: SessionDesk, keys: SigningKeys) {
        self.passwords = passwords
        self.sessions = sessions
        self.keys = keys
    }

    package init(passwords: any Passwords, sessions: SessionDesk, key: SecretKey) {
        self.init(passwords: passwords, sessions: sessions, keys: SigningKeys(key))
    }

    /// Checks the password of a login, and opens a session when it is right.
    package func attempt(
        _ password: [UInt8], ticket: LoginTicket, in storage: any Storage, at now: Instant, from origin: Origin
    ) throws -> Outcome {
        let sessions = sessions
        let outcome = try judge(password, ticket: ticket, in: storage, at: now, from: origin) { account, store in
            try store.append(AuditEvent(.passwordAccepted, of: account, at: now, from: origin.address))
            let token = try sessions.open(account: account.id, factor: .password, in: store, at: now, from: origin)
            return .right(token, account)
        }
        return outcome ?? .wrong
    }

    /// Asks somebody who is logged in for the password again, with the same limits.
    /// - Returns: nil when it is right.
    package func confirm(
        _ password: [UInt8], of account: Account, in storage: any Storage, at now: Instant, from origin: Origin
    ) throws -> Outcome? {
        let ticket = LoginTicket(userID: account.userID, userTypes: [account.userType])
        return try judge(password, ticket: ticket, in: storage, at: now, from: origin) { _, _ in nil }
    }

    /// Judges a password outside any transaction: that takes tens of milliseconds, and everyone's writes share one
    /// writer. The attempt is counted before it is judged, so that many at once are not judged for the price of one.
    private func judge(
        _ password: [UInt8], ticket: LoginTicket, in storage: any Storage, at now: Instant, from origin: Origin,
        whenRight: @escaping @Sendable (Account, any Writing) throws -> Outcome?
    ) throws -> Outcome? {
        let failures = FailureKey.password(ticket.userID, from: origin.addressKey, key: keys.key(at: now))
        let admission = try storage.write { try admit(ticket, failures, in: $0, at: now, from: origin) }
        guard case .admitted(let candidate) = admission else {
            if case .refused(let outcome) = admission { return outcome }
            return .wrong
        }
        let isRight: Bool
        let newHash: String?
        do throws(PasswordsBusy) {
            let isVerified = try passwords.verify(password, against: candidate.hash)
            isRight = isVerified && candidate.account != nil
            newHash = isRight ? try passwords.renewed(password, for: candidate.hash ?? "") : nil
        } catch {
            try storage.write { try $0.refundFailure(failures) }
            return .busy
        }
        return try storage.write { store in
            guard isRight, let account = candidate.account,
                try store.credentials(account: account.id)?.passwordHash == candidate.hash
            else {
                try fail(candidate.account, in: store, at: now, from: origin)
                return .wrong
            }
            try store.clearFailures(failures)
            if let newHash { try store.setPassword(account: account.id, hash: newHash) }
            return try whenRight(account, store)
        }
    }

    private struct Candidate: Sendable {
        /// Nil when nobody by this name may log in.
        let account: Account?
        /// What the password is held against: somebody else's hash where there is no account; nil where no account has one.
        let hash: String?
    }

    private enum Admission: Sendable {
        case admitted(Candidate)
        case refused(Outcome)
    }

    private func admit(
        _ ticket: LoginTicket, _ failures: FailureKey, in store: any Writing, at now: Instant, from origin: Origin
    ) throws -> Admission {
        let recent = try store.arrivals(from: Self.arrivalKey(origin), since: now - .hours(1))
        guard recent < Throttle.mostPerAddress else { return .refused(.tooMany) }
        let known = try store.failures(failures)
        if case .wait(let until) = Throttle.standing(known, of: failures.factor, at: now) {
            return .refused(.wait(until: until))
        }
        try store.recordFailure(failures, at: now, forgetBefore: now - Throttle.passwordMemory)
        let account = try store.account(userID: ticket.userID)
        let hash = try account.flatMap { try store.credentials(account: $0.id)?.passwordHash }
        guard let account, account.isActive, ticket.covers(account.userType), let hash else {
            return .admitted(Candidate(account: nil, hash: try hash ?? decoy(for: ticket.userID, in: store, at: now)))
        }
        return .admitted(Candidate(account: account, hash: hash))
    }

    /// The hash of some account, always the same for one User ID. Hashes that came from other systems take other times than
    /// ours, so only a real one, drawn from all of them, takes a time that an account of this name could take.
    private func decoy(for userID: String, in store: any Reading, at now: Instant) throws -> String? {
        let key = keys.key(at: now).derived(for: "decoy hashes")
        let mac = HMAC.code(.sha256, key: key.bytes, message: Array(userID.utf8))
        return try store.somePasswordHash(mac.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    }

    private func fail(_ account: Account?, in store: any Writing, at now: Instant, from origin: Origin) throws {
        try store.recordArrival(from: Self.arrivalKey(origin), at: now)
        // People type passwords into the User ID field: what is no account's name is not written down.
        let subject = account?.userID ?? "unknown"
        try store.append(
            AuditEvent(
                name: .loginFailed, at: now, actor: subject, subject: subject, address: origin.address,
                detail: "password"))
    }

    private static func arrivalKey(_ origin: Origin) -> String { "login:\(origin.addressKey)" }
}

extension LoginTicket {
    /// Whether the button that was pressed stands for this user type.
    package func covers(_ userType: String) -> Bool { userTypes.contains { Array($0.utf8) == Array(userType.utf8) } }
}
