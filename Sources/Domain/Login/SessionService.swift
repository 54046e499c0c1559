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
        let session = LoginSession(
            id: 0, account: account, publicID: Base64URL.encode(random.bytes(16)), factor: factor, startedAt: now,
            createdAt: now, seenAt: now, address: origin.address, browser: origin.browser)
        let token = SessionToken(random: random)
        try transaction.insert(session: session, digest: token.digest)
        return token
    }

    /// Gives a session a new token and another factor: knowing the old token does not help with the new one.
    package func upgrade(
        _ session: LoginSession, to factor: LoginSession.Factor, in transaction: any LoginWriter, at now: Instant,
        from origin: RequestOrigin
    ) throws -> SessionToken {
        try renew(session, factor: factor, startedAt: session.startedAt, in: transaction, at: now, from: origin)
    }

    /// Begins a session anew, after the password was given again.
    package func restart(
        _ session: LoginSession, in transaction: any LoginWriter, at now: Instant, from origin: RequestOrigin
    ) throws -> SessionToken {
        try renew(session, factor: .password, startedAt: now, in: transaction, at: now, from: origin)
    }

    /// The living session of a cookie's text; nil when there is none.
    package func session(_ text: String, in transaction: any LoginReader, at now: Instant) throws -> LoginSession? {
        guard let token = SessionToken(text), let session = try transaction.session(digest: token.digest),
            limits.isAlive(session, at: now)
        else { return nil }
        return session
    }

    package func isAlive(_ session: LoginSession, at now: Instant) -> Bool { limits.isAlive(session, at: now) }

    /// When a session is over, whatever happens.
    package func end(of session: LoginSession) -> Instant { session.startedAt + limits.total }

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

    private func renew(
        _ session: LoginSession, factor: LoginSession.Factor, startedAt: Instant, in transaction: any LoginWriter,
        at now: Instant, from origin: RequestOrigin
    ) throws -> SessionToken {
        let token = SessionToken(random: random)
        let renewed = LoginSession(
            id: session.id, account: session.account, publicID: session.publicID, factor: factor, startedAt: startedAt,
            createdAt: now, seenAt: now, address: origin.address, browser: origin.browser)
        try transaction.renew(session: renewed, digest: token.digest)
        return token
    }
}
