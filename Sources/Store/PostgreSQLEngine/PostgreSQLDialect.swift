extension Dialect {
    static let postgreSQL = Dialect(
        // As an array, so that the query is run once before anything else, and rows are found by their key.
        among: { "= ANY (ARRAY(\($0)))" },
        readyKinds: { _ in "SELECT DISTINCT kind FROM job_kind" },
        firstOfEachKind: { ready, limit, use in
            // A row that somebody else holds is left to the next claim: a claim waits for nobody but the other writers.
            let lock = use == .change ? " FOR UPDATE SKIP LOCKED" : ""
            return """
                CROSS JOIN LATERAL (
                    SELECT id FROM job WHERE \(ready) AND kind = kinds.kind AND id >= (SELECT last_value FROM ready_floor)
                    ORDER BY id LIMIT \(limit)\(lock)
                ) AS job
                """
        },
        matches: { "\($0) ILIKE \($1) ESCAPE '\\'" },
        member: { "json_member(\($1), '\($0)')" },
        // With what was counted since the last heartbeat.
        tally: """
            (SELECT slot, name, kind, label, CAST(sum(count) AS bigint) AS count, sum(total) AS total FROM (
                SELECT slot, name, kind, label, count, total FROM tally
                UNION ALL SELECT slot, name, kind, label, count, total FROM tally_delta
                UNION ALL SELECT -1, name, kind, label, count, total FROM tally_delta
            ) AS counted GROUP BY slot, name, kind, label) AS tally
            """,
        addToTally: """
            INSERT INTO tally_delta (slot, name, kind, label, count, total) VALUES ($1, $2, $3, $4, $5, $6)
            """,
        beforeClaim: "SELECT raise_ready_floor(last_value) FROM ready_floor")
}
