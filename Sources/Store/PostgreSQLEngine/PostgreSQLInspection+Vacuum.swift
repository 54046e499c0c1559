import Domain

/// Whether dead rows can be swept up, and if not, on whose account.
extension PostgreSQLInspection {
    /// What holds them back for longer lets the queue's tables swell.
    private static let mostHeld = TimeSpan.minutes(5)

    func vacuum() throws -> EngineFinding {
        let mine = try values(
            "SELECT quote_ident(current_user), pg_has_role('pg_read_all_stats', 'USAGE'), quote_ident(current_database())"
        )
        let rights =
            mine[1] == "t"
            ? ""
            : "; what sessions of other users do, and since when, may be seen after GRANT pg_read_all_stats TO \(mine[0])"
        let horizon = try VacuumHorizon(connection)
        guard let oldest = horizon.holders.first else {
            return .fine("vacuum", "nothing keeps dead rows from being swept up\(rights)")
        }
        let held = oldest.since.map { max(.seconds(0), horizon.now - $0) }
        let time = held.map { " for \($0.milliseconds / 1000) s, since \((horizon.now - $0).rfc3339)" } ?? ""
        guard held ?? .seconds(0) > Self.mostHeld || oldest.isAbandoned else {
            return .fine("vacuum", "dead rows are held back by \(oldest.told)\(time)\(rights)")
        }
        return .fault(
            "vacuum",
            "Dead rows are not swept up, so that the queue's tables swell: they are held back by \(oldest.told)\(time). "
                + oldest.cure(in: mine[2]))
    }
}

extension VacuumHorizon.Holder {
    /// Whether nobody is there who could let go.
    fileprivate var isAbandoned: Bool { kind == .slot && state == "inactive" }

    fileprivate var told: String {
        switch kind {
        case .transaction:
            "a transaction of user \(user) ("
                + [application, "process \(name)", state ?? ""].filter { !$0.isEmpty }.joined(separator: ", ") + ")"
        case .prepared: "the transaction \(literal) that user \(user) prepared"
        case .standby: "questions at standby \(application)"
        case .slot:
            isAbandoned ? "replication slot \(name), whose standby is away" : "questions at the standby of slot \(name)"
        }
    }

    fileprivate func cure(in database: String) -> String {
        switch kind {
        case .transaction:
            "End it: SELECT pg_terminate_backend(\(name))."
                + (state?.hasPrefix("idle in transaction") == true
                    ? " That the server ends such by itself: ALTER ROLE \(user) SET idle_in_transaction_session_timeout = '5min'."
                    : "")
        case .prepared: "In database \(database): COMMIT PREPARED \(literal), or ROLLBACK PREPARED \(literal)."
        case .slot where isAbandoned:
            "Start it, or where it does not come back: SELECT pg_drop_replication_slot(\(literal))."
        case .standby, .slot: "End them there, or set hot_standby_feedback = off there."
        }
    }

    private var literal: String {
        "'\(name.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''"))'"
    }
}
