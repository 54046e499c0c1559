extension Dialect {
    static let sqlite = Dialect(
        among: { "IN (\($0))" },
        firstOfEachKind: { ready, limit, _ in
            "JOIN job ON job.id IN (SELECT id FROM job WHERE \(ready) AND kind = kinds.kind ORDER BY id LIMIT \(limit))"
        },
        holds: { "instr(\($0), \($1)) > 0" },
        member: { "CASE WHEN json_valid(\($1)) THEN \($1) ->> '$.\($0)' END" }, tally: "tally")
}
