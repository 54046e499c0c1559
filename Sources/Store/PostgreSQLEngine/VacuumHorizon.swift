import Domain
import SQL

/// Who keeps the server from sweeping up dead rows of this database: everybody who might still look at them.
struct VacuumHorizon {
    struct Holder {
        let kind: VacuumMetrics.Holder
        /// The number of its process, its global id or its name.
        let name: String
        /// As a statement names it; empty where it has none.
        let user: String
        let application: String
        /// What it does; nil where the user may not see it.
        let state: String?
        /// The number of the oldest transaction that it may ask about.
        let oldest: String
        /// How many transactions there have been since.
        let age: Int64
        /// By the server's clock; nil where the server does not tell.
        let since: Instant?
    }

    /// By the server's clock.
    let now: Instant
    /// Oldest first. Without standbys and slots that repeat what holds the server back itself: standbys see transactions that
    /// are open here.
    let holders: [Holder]

    init(_ connection: any Connection) throws {
        now = Instant(milliseconds: try connection.first(Self.clock) { $0.integer(0) } ?? 0)
        let all = try connection.all(Self.question) { row in
            Holder(
                kind: VacuumMetrics.Holder(rawValue: row.text(0)) ?? .transaction, name: row.text(1), user: row.text(2),
                application: row.text(3), state: row.optionalText(4), oldest: row.text(5), age: row.integer(6),
                since: row.optionalInteger(7).map(Instant.init(milliseconds:)))
        }
        let ownAge = all.filter { [.transaction, .prepared].contains($0.kind) }.map(\.age).max() ?? 0
        holders = all.filter { [.transaction, .prepared].contains($0.kind) || $0.age > ownAge }
    }

    private static let clock = "SELECT CAST(floor(extract(epoch FROM clock_timestamp()) * 1000) AS bigint)"

    /// What stands for a session that changes something is its transaction, for one that asks its snapshot; one that has neither
    /// holds nothing back, and neither has VACUUM itself or a process of the server's own. Sessions of other databases do not
    /// look at this one, physical standbys do.
    private static let question = """
        SELECT kind, name, owner, application, state, oldest, age(oldest),
            CAST(floor(extract(epoch FROM since) * 1000) AS bigint)
        FROM (
            SELECT CASE WHEN datid IS NULL THEN 'standby' ELSE 'transaction' END AS kind, CAST(pid AS text) AS name,
                quote_ident(usename) AS owner, application_name AS application, state,
                CASE WHEN backend_xid IS NULL OR age(backend_xmin) > age(backend_xid) THEN backend_xmin ELSE backend_xid END
                    AS oldest, xact_start AS since
            FROM pg_stat_activity
            WHERE (datid IS NULL OR datname = current_database()) AND usesysid IS NOT NULL AND pid <> pg_backend_pid()
                AND pid NOT IN (SELECT pid FROM pg_stat_progress_vacuum)
            UNION ALL
            SELECT 'prepared', gid, quote_ident(owner), '', 'prepared', transaction, prepared FROM pg_prepared_xacts
            WHERE database = current_database()
            UNION ALL
            SELECT 'slot', slot_name, '', '', CASE WHEN active THEN 'active' ELSE 'inactive' END, xmin, NULL
            FROM pg_replication_slots
        ) AS holder
        WHERE age(oldest) > 0 ORDER BY age(oldest) DESC, since
        """
}

extension VacuumHorizon.Holder {
    /// Whether it is the same that it was, and holds back the same.
    struct Identity: Hashable {
        let kind: VacuumMetrics.Holder
        let name: String
        let oldest: String
    }

    var identity: Identity { Identity(kind: kind, name: name, oldest: oldest) }
}
