import Domain
import SQL

/// Kinds of jobs that an operator keeps from being claimed.
extension StoreTransaction {
    /// That a job's lane is not paused.
    /// - Parameter kind: the column that names it.
    static func isNotPaused(_ kind: String) -> String {
        "\(kind) NOT IN (SELECT kind FROM lane_pause) AND NOT EXISTS (\(everythingPaused))"
    }
    private static let everythingPaused = "SELECT 1 FROM lane_pause WHERE kind = '\(PausedKind.everything)'"

    func pausedKinds() throws -> [PausedKind] {
        try connection.all("SELECT kind, paused_at, paused_by, why FROM lane_pause ORDER BY kind") { row in
            PausedKind(kind: row.text(0), at: row.instant(1), by: row.text(2), why: row.text(3))
        }
    }

    func pause(_ lane: PausedKind) throws -> Bool {
        try connection.run(
            """
            INSERT INTO lane_pause (kind, paused_at, paused_by, why) VALUES ($1, $2, $3, $4)
            ON CONFLICT (kind) DO NOTHING
            """,
            [.text(lane.kind), .instant(lane.at), .text(lane.by), .text(lane.why)]) == 1
    }

    func resume(lane: String) throws -> Bool {
        let wasPaused = try connection.run("DELETE FROM lane_pause WHERE kind = $1", [.text(lane)]) == 1
        // Its jobs may be claimed now: wake the dispatcher.
        if wasPaused { didEnqueue = true }
        return wasPaused
    }
}
