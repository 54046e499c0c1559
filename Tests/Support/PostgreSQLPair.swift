import Foundation
import Threading

/// A primary and a standby that holds every commit before it is acknowledged, each on a machine of its own.
package final class PostgreSQLPair: Sendable {
    private let nodes: [PostgreSQLNode]
    /// Which of the two is the primary, or was the last.
    private let place = Monitor(0)

    package init() throws {
        nodes = [try PostgreSQLNode(name: "one"), try PostgreSQLNode(name: "two")]
        try primary.initialize()
        try primary.start()
        try primary.psql("postgres", "CREATE DATABASE pulih")
        try setUpStandby()
    }

    deinit { for node in nodes { try? node.kill() } }

    package var primary: PostgreSQLNode { nodes[place.withLock { $0 }] }
    package var standby: PostgreSQLNode { nodes[1 - place.withLock { $0 }] }

    /// As a configuration names it: both, of which the one that can be written is meant.
    package var url: String {
        let hosts = nodes.map { "127.0.0.1:\($0.port)" }.joined(separator: ",")
        return "postgresql://pulih@\(hosts)/pulih?target_session_attrs=read-write"
    }

    /// What somebody asks who knows which one is the primary.
    @discardableResult
    package func psql(_ sql: String) throws -> String { try primary.psql("pulih", sql) }

    /// Makes a primary of the standby. The old one must be dead: nobody may write there. The new one is alone, and
    /// acknowledges what it has itself.
    package func promote() throws {
        guard !primary.isRunning else { throw SupportFailure("the old primary must be fenced first") }
        try standby.psql("postgres", "SELECT pg_promote()")
        place.withLock { $0 = 1 - $0 }
    }

    /// Brings the dead one back as the standby of the other, and has commits wait for it again. Returns when it holds all
    /// that was acknowledged until then, so that the primary may be lost once more.
    package func setUpStandby() throws {
        try standby.copy(primary)
        try standby.start()
        try setNames("FIRST 1 (\(standby.name))")
        // Who carries out a checkpoint decides whether commits wait: after this one they do.
        let end = try primary.psql("postgres", "CHECKPOINT; SELECT pg_current_wal_lsn()")
        try Eventually.holds("the standby has caught up", timeout: .seconds(30)) {
            let sql = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync' AND flush_lsn >= '\(end)'"
            return try primary.psql("postgres", sql) == "1"
        }
    }

    /// Has commits on the primary wait for no other.
    package func giveUpStandby() throws { try setNames("") }

    private func setNames(_ names: String) throws {
        let primary = primary
        try primary.psql("postgres", "ALTER SYSTEM SET synchronous_standby_names = '\(names)'")
        try primary.psql("postgres", "SELECT pg_reload_conf()")
        try Eventually.holds("the primary waits for \(names)") {
            try primary.psql("postgres", "SHOW synchronous_standby_names") == names
        }
    }
}
