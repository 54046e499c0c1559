/// What a transaction reads about reset requests.
package protocol ResetReader {
    func resetRequest(id: String) throws -> ResetRequest?
    func resetRequest(job: Int64) throws -> ResetRequest?
    /// Requests that were opened for an account since then.
    func resetRequests(account: Int64, since: Instant) throws -> Int
}

/// What a transaction changes in reset requests.
package protocol ResetWriter: ResetReader {
    /// Stores an open request and supersedes the account's other open ones.
    func open(_ request: ResetRequest, at now: Instant) throws
    /// - Returns: whether this call took it from `open` to `used`.
    func spend(request: String, at now: Instant) throws -> Bool
    /// - Returns: whether this call took it from `open` to `cancelled`.
    func cancel(request: String, at now: Instant) throws -> Bool
    /// - Returns: false when it was spent before.
    func spendCaptcha(_ id: String, until: Instant) throws -> Bool
}
