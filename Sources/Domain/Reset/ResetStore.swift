/// What a transaction reads about reset requests.
package protocol ResetReader {
    func resetRequest(id: String) throws -> ResetRequest?
    /// What each job has opened.
    func resetRequests(jobs: [Int64]) throws -> [ResetRequest?]
    /// How many requests were opened for each account since then.
    func resetRequests(accounts: [Int64], since: Instant) throws -> [Int]
}

extension ResetReader {
    package func resetRequest(job: Int64) throws -> ResetRequest? { try resetRequests(jobs: [job])[0] }
}

/// What a transaction changes in reset requests.
package protocol ResetWriter: ResetReader {
    /// Stores an open request and supersedes the account's other open ones.
    func open(_ request: ResetRequest, at now: Instant) throws
    /// - Returns: whether this call took it from `open` to `used`.
    func spend(request: String, at now: Instant) throws -> Bool
    /// - Returns: whether this call took it from `open` to `cancelled`.
    func cancel(request: String, at now: Instant) throws -> Bool
    /// - Returns: for each false when it was spent before.
    func spend(_ captchas: [SpentCaptcha]) throws -> [Bool]
}

/// A captcha that is worth nothing any more, and until when that has to be known.
package struct SpentCaptcha: Sendable, Equatable {
    package let id: String
    package let until: Instant

    package init(id: String, until: Instant) {
        self.id = id
        self.until = until
    }
}
