import Domain
import SQL
import Threading

/// For how long dead rows have been held back. Of sessions of other users and of replication slots the server does not say since
/// when: for these it is from when they were first seen to hold back what they still do.
final class VacuumWatch: Sendable {
    private let seen = Monitor<[VacuumHorizon.Holder.Identity: Instant]>([:])

    /// - Parameter reader: a connection to the server.
    func look(_ reader: any Connection) throws -> VacuumMetrics? {
        let jobs = try reader.first(
            "SELECT n_live_tup, n_dead_tup FROM pg_stat_user_tables WHERE relid = CAST('job' AS regclass)", []
        ) { (live: Int($0.integer(0)), dead: Int($0.integer(1))) }
        guard let jobs else { return nil }
        return VacuumMetrics(held: held(try VacuumHorizon(reader)), liveJobs: jobs.live, deadJobs: jobs.dead)
    }

    private func held(_ horizon: VacuumHorizon) -> [VacuumMetrics.Holder: TimeSpan] {
        let firstSeen = seen.withLock { seen in
            seen = Dictionary(horizon.holders.map { ($0.identity, seen[$0.identity] ?? horizon.now) }) { $1 }
            return seen
        }
        let spans = horizon.holders.map { holder in
            let since = holder.since ?? firstSeen[holder.identity] ?? horizon.now
            return (holder.kind, max(.seconds(0), horizon.now - since))
        }
        return Dictionary(spans, uniquingKeysWith: max)
    }
}
