package import Cryptography

/// Opens, finds, elevates and ends sessions. Everything that changes runs in the caller's transaction.
package struct SessionService: Sendable {
    private let limits: SessionLimits
    private let random: any RandomSource

    /// How stale `seenAt` may grow before a request renews it: a write each minute, not each request.
    private static let touchInterval = TimeSpan.minutes(1)

    package init(limits: SessionLimits, random: any RandomSource) {
        self.limits = limits
        self.random = random
    }

    /// A session of its own.
    package func open(
        account: Int64, factor: LoginSession.Factor, in transaction: any LoginWriter, at now: Instant,
        from origin: RequestOrigin
    ) throws -> SessionToken {
        try insert(account: account, factor: factor, startedAt: now, in: transaction, at: now, from: origin)
    }

    /// Ends a session and opens another in its place: knowing the old token does not help with the new one.
    package func upgrade(
        _ session: LoginSession, to factor: LoginSession.Factor, in transaction: any LoginWriter, at now: Instant,
        from origin: RequestOrigin
    ) throws -> SessionToken {
        _ = try transaction.endSession(session.id)
        return try insert(
            account: session.account, factor: factor, startedAt: session.startedAt, in: transaction, at: now,
            from: origin)
    }

    /// The living session of a cookie's text; nil when there is none.
    package func session(_ text: String, in transaction: any LoginReader, at now: Instant) throws -> LoginSession? {
        guard let token = SessionToken(text), let session = try transaction.session(digest: token.digest),
            limits.isAlive(session, at: now)
        else { return nil }
        return session
    }

    /// The account's living sessions, newest first.
    package func sessions(of account: Int64, in transaction: any LoginReader, at now: Instant) throws
        -> [LoginSession]
    {
        try transaction.sessions(account: account).filter { limits.isAlive($0, at: now) }
    }

    /// Whether a request at this time should be noted in the session.
    package func isTouchDue(_ session: LoginSession, at now: Instant) -> Bool {
        now >= session.seenAt + min(Self.touchInterval, .milliseconds(limits.idle.milliseconds / 4))
    }

    private func insert(
        account: Int64, factor: LoginSession.Factor, startedAt: Instant, in transaction: any LoginWriter,
        at now: Instant,
        from origin: RequestOrigin
    ) throws -> SessionToken {
        let token = SessionToken(random: random)
        try transaction.insert(
            session: LoginSession(
                id: 0, account: account, factor: factor, startedAt: startedAt, createdAt: now, seenAt: now,
                address: origin.address, browser: origin.browser),
            digest: token.digest)
        return token
    }
}
