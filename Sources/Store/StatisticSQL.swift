import Domain
import SQL

/// What happened in the queue, counted in slots of five minutes. Arrivals are counted by a trigger, so that those of other
/// programs are among them.
extension StoreTransaction {
    /// As long as the picture of a day needs, and some more.
    private static let retention = TimeSpan.hours(26)
    /// The slot of what was counted since the beginning, kept beside each slot of five minutes: a look at the sums then
    /// costs the same over any history. No slot begins there, since all are multiples of their length.
    private static let allTime = Instant(milliseconds: -1)

    /// What is counted together in one row.
    struct StatisticKey: Hashable {
        let slot: Instant
        let name: Statistic.Name
        let kind: String
        let label: String
    }

    /// Counts; written by `flushStatistics`, since one commit counts the same thing many times.
    func record(
        _ name: Statistic.Name, kind: String = "", label: String = "", _ count: Int = 1, total: Double = 0,
        at now: Instant
    ) {
        guard count > 0 else { return }
        let key = StatisticKey(slot: Statistic.slot(of: now), name: name, kind: kind, label: label)
        let before = pendingStatistics[key] ?? (0, 0)
        pendingStatistics[key] = (before.count + count, before.total + total)
    }

    /// To be called before the commit of what was counted.
    func flushStatistics() throws {
        for (key, sum) in pendingStatistics {
            try connection.post(
                queries.dialect.addToTally,
                [
                    .instant(key.slot), .text(key.name.rawValue), .text(key.kind), .text(key.label),
                    .integer(sum.count), .real(sum.total),
                ])
        }
        pendingStatistics = [:]
    }

    func statistics(since: Instant) throws -> [Statistic] {
        try connection.all(
            "SELECT slot, name, kind, label, count, total FROM \(queries.dialect.tally) WHERE slot >= $1 ORDER BY slot",
            [.instant(Statistic.slot(of: since))], Self.statistic
        ).compactMap { $0 }
    }

    func totals() throws -> [Statistic] {
        try connection.all(
            """
            SELECT slot, name, kind, label, count, total FROM \(queries.dialect.tally) WHERE slot = $1
            ORDER BY name, kind, label
            """,
            [.instant(Self.allTime)], Self.statistic
        ).compactMap { $0 }
    }

    /// Deletes slots that no picture shows any more; the sums stay.
    func pruneStatistics(at now: Instant) throws {
        try connection.post(
            "DELETE FROM tally WHERE slot > $1 AND slot < $2",
            [.instant(Self.allTime), .instant(Statistic.slot(of: now - Self.retention))])
    }

    /// Counts first claims by how long their jobs had waited.
    func recordWaits(_ claimed: [Job], at now: Instant) {
        // A claim that is given back leaves a higher token behind: only the first claim of a job carries the token 1.
        for job in claimed where job.token == 1 {
            let seconds = max(0, (now - job.createdAt).seconds)
            record(.waited, kind: job.kind, label: HistogramBuckets.label(for: seconds), total: seconds, at: now)
        }
    }

    /// Counts one attempt that was settled.
    func record(_ attempt: Attempt, kind: String, at now: Instant) {
        record(.ran, kind: kind, label: HistogramBuckets.label(for: attempt.seconds), total: attempt.seconds, at: now)
        // The rest is told of relays.
        guard JobKind.isMail(kind) else { return }
        let code = attempt.code.map { "\($0 / 100)" } ?? "none"
        record(.replied, label: "\(attempt.stage)/\(code)", at: now)
        record(.connected, label: attempt.reusedConnection ? "reused" : "new", at: now)
        if let relay = attempt.relay { record(.attempted, label: "\(attempt.outcome.rawValue)/\(relay)", at: now) }
        if attempt.outcome == .unknown { record(.ambiguous, at: now) }
    }

    /// - Returns: nil for a name that a later version wrote.
    private static func statistic(_ row: any Row) -> Statistic? {
        Statistic.Name(rawValue: row.text(1)).map { name in
            Statistic(
                slot: row.instant(0), name: name, kind: row.text(2), label: row.text(3), count: Int(row.integer(4)),
                total: row.real(5))
        }
    }
}
