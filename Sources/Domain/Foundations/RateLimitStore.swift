/// What a transaction reads about how often an address was counted.
package protocol RateLimitReader {
    /// Requests accepted from an address since then.
    func rateLimitHits(from address: String, since: Instant) throws -> Int
}

/// Counts an address once more.
package protocol RateLimitWriter: RateLimitReader {
    func recordRateLimitHit(from address: String, at now: Instant) throws
}
