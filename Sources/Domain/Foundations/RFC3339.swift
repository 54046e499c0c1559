import FoundationEssentials

extension Instant {
    /// As interfaces write it: `2026-11-28T01:00:00.000Z` (RFC 3339).
    package var rfc3339: String {
        Date(timeIntervalSince1970: Double(milliseconds) / 1000)
            .formatted(
                .iso8601.year().month().day().time(includingFractionalSeconds: true).timeZone(separator: .omitted))
    }
}
