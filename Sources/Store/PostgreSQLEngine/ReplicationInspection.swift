import PostgreSQL

/// Who copies the server's log, and for whom each commit waits.
struct ReplicationInspection {
    private struct Standby {
        /// Nil where the user may not see it.
        let name: String?
        let state: String?
        let synchrony: String?

        /// Whether a commit that waits for it is kept waiting no longer than the log takes.
        var isSynchronous: Bool { state == "streaming" && ["sync", "quorum"].contains(synchrony) }
    }

    private let standbys: [Standby]
    /// What the server's setting says.
    private let names: String

    init(_ connection: PostgreSQLConnection) throws {
        standbys = try connection.rows(
            """
            SELECT application_name, state, sync_state FROM pg_stat_replication
            WHERE state IS NULL OR state IN ('streaming', 'catchup') ORDER BY application_name
            """
        ).map { Standby(name: $0[0], state: $0[1], synchrony: $0[2]) }
        names = try connection.rows("SHOW synchronous_standby_names").first?[0] ?? ""
    }

    func findings() -> [EngineFinding] {
        let isHidden = standbys.contains { $0.state == nil }
        // A standby that may not be seen may be the one that is waited for.
        let present = isHidden ? standbys.count : standbys.filter(\.isSynchronous).count
        if present < needed {
            return [
                .obstacle(
                    "replication",
                    "Every write waits without end: synchronous_standby_names is \"\(names)\", which needs \(needed) "
                        + "synchronous \(needed == 1 ? "standby" : "standbys"), and there \(present == 1 ? "is" : "are") "
                        + "\(present == 0 ? "none" : "\(present)"). Start the standby, and see that the application_name "
                        + "of its primary_conninfo is among the names; or do without for the time being: "
                        + "ALTER SYSTEM SET synchronous_standby_names = ''; SELECT pg_reload_conf().")
            ]
        }
        return [.fine("replication", told(isHidden: isHidden))]
    }

    private func told(isHidden: Bool) -> String {
        if standbys.isEmpty { return "no standby: what is on this server is nowhere else" }
        if isHidden {
            return
                "\(standbys.count) \(standbys.count == 1 ? "standby" : "standbys"); names, and whether any is synchronous, "
                + "may be seen after GRANT pg_read_all_stats TO this user"
        }
        let list = standbys.map { standby in
            let kind =
                standby.state == "catchup" ? "catching up" : standby.isSynchronous ? "synchronous" : "asynchronous"
            return "\(standby.name ?? "") (\(kind))"
        }
        let end = names.isEmpty ? "; none is synchronous: what was accepted last can be lost with the server" : ""
        return "\(standbys.count == 1 ? "standby" : "standbys") \(list.joined(separator: ", "))\(end)"
    }

    /// How many standbys a commit waits for: `FIRST n (...)`, `ANY n (...)`, `n (...)`, or a bare list, which is one
    /// (PostgreSQL's documentation, section 20.6.2).
    private var needed: Int {
        if names.isEmpty { return 0 }
        let head = names.prefix { $0 != "(" }
        return names.contains("(") ? head.split(separator: " ").compactMap { Int($0) }.first ?? 1 : 1
    }
}
