package import Domain

// The store asks about many at once; a test often about one.

extension ResetReader {
    /// How many requests were opened for an account since then.
    package func resetRequests(account: Int64, since: Instant) throws -> Int {
        try resetRequests(accounts: [account], since: since)[0]
    }
}

extension ResetWriter {
    /// - Returns: false when it was spent before.
    package func spendCaptcha(_ id: String, until: Instant) throws -> Bool {
        try spend([SpentCaptcha(id: id, until: until)])[0]
    }
}
