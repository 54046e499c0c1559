/// What a transaction reads about sessions, wrong answers and recovery codes.
package protocol LoginReader {
    /// The session whose token has this digest, however old.
    func session(digest: [UInt8]) throws -> LoginSession?
    func session(id: Int64) throws -> LoginSession?
    /// Newest first, however old.
    func sessions(account: Int64) throws -> [LoginSession]
    func failures(_ key: FailureKey) throws -> Failures?
    func recoveryCodes(account: Int64) throws -> RecoveryCodes.Status?
}

/// What a transaction changes in sessions, wrong answers and recovery codes.
package protocol LoginWriter: LoginReader {
    /// Stores a session; its id is given by the store.
    @discardableResult
    func insert(session: LoginSession, digest: [UInt8]) throws -> Int64
    /// Puts a session with a new token in the place of the one with its id, and ends what hosts of applications had by the
    /// old one. One that has ended stays so.
    func renew(session: LoginSession, digest: [UInt8]) throws
    func touch(session: Int64, at now: Instant) throws
    /// Ends a session and all that lives by it. Applications that want to know are told so, in the same transaction.
    /// - Returns: whether it was there.
    func endSession(_ id: Int64, at now: Instant) throws -> Bool
    /// Ends all sessions of an account but one, in the same way.
    /// - Returns: how many there were.
    @discardableResult
    func endSessions(account: Int64, except: Int64?, at now: Instant) throws -> Int
    /// Counts one more failure; from one again when the last was before `forgetBefore`.
    @discardableResult
    func recordFailure(_ key: FailureKey, at now: Instant, forgetBefore: Instant?) throws -> Failures
    /// Takes one failure back that was counted and never judged.
    func refundFailure(_ key: FailureKey) throws
    func clearFailures(_ key: FailureKey) throws
    /// Takes the place of all recovery codes that the account had.
    func replaceRecoveryCodes(account: Int64, digests: [[UInt8]], at now: Instant) throws
    /// - Returns: whether there was such a code and this call spent it.
    func spendRecoveryCode(account: Int64, digest: [UInt8], at now: Instant) throws -> Bool
}
