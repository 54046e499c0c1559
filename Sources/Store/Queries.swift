import Domain

/// What engines say differently, or must be told in other words to do it the quick way. All other SQL of this room is
/// understood by each of them.
package struct Dialect: Sendable {
    /// Turns a query of one column into a condition: that the value before it is among its rows. The query is asked once.
    let among: @Sendable (_ query: String) -> String
    /// The kinds of ready jobs, others perhaps among them: what a common table `kinds (kind)` holds.
    let readyKinds: @Sendable (_ ready: String) -> String
    /// The first rows of each kind of a common table `kinds (kind)`: what to join it with, so that `job.id` is the id of one.
    let firstOfEachKind: @Sendable (_ ready: String, _ limit: String, _ use: Use) -> String
    /// That a text matches a pattern of LIKE, escapes being backslashes, without regard to the case of letters.
    let matches: @Sendable (_ text: String, _ pattern: String) -> String
    /// A member of a JSON object as text; NULL where there is none, and where it is no JSON at all.
    let member: @Sendable (_ name: String, _ document: String) -> String

    /// What `tally` holds, as a table.
    let tally: String
    /// Counts, with slot, name, kind, label, count and total as values: in that slot and since the beginning.
    let addToTally: String
    /// To be run before jobs are claimed; nil where nothing is.
    let beforeClaim: String?

    func member(_ name: String, of document: String) -> String { member(name, document) }

    /// What rows are looked for.
    enum Use {
        case look
        /// They are about to be changed.
        case change
    }
}

/// The questions that are asked at each wake-up, put together once in the words of an engine.
struct Queries: Sendable {
    let dialect: Dialect
    /// How many jobs of each class a claim could take, at most `$1` each.
    let readyCounts: String
    /// Claims of each class as many as the values from `$4` on say.
    let claim: String
    /// Whether anything is to be done at `$1`. Each class by its own index, so that webhooks which nobody takes are not walked
    /// over.
    let hasWork: String

    init(_ dialect: Dialect) {
        self.dialect = dialect
        let ready = { Self.ready($0, limit: $1, dialect, $2) }
        readyCounts =
            "SELECT "
            + JobClass.allCases.map { "(SELECT count(*) FROM (\(ready($0, "$1", .look))) AS counted)" }
            .joined(separator: ", ")
        let chosen = JobClass.allCases.enumerated().map { index, jobClass in
            "SELECT id FROM (\(ready(jobClass, "$\(4 + index)", .change))) AS \(jobClass.rawValue)"
        }
        claim = """
            UPDATE job SET state = 'running', token = token + 1, attempts = attempts + 1, lease_until = $1, worker = $2,
                claimed_at = $3
            WHERE id \(dialect.among(chosen.joined(separator: "\nUNION ALL\n")))
            RETURNING \(StoreTransaction.jobColumns)
            """
        hasWork =
            "SELECT "
            + (JobClass.allCases.map { ready($0, "1", .look) } + [
                "SELECT 1 FROM job WHERE state = 'scheduled' AND run_at <= $1"
            ]).map { "EXISTS (\($0))" }.joined(separator: " OR ")
    }

    func among(_ query: String) -> String { dialect.among(query) }

    /// Ready mails of a class that no operator keeps back, oldest first: of each kind the first ones, whose index has them in
    /// order, so that however many of a paused kind there are, none of them is looked at.
    private static func ready(_ jobClass: JobClass, limit: String, _ dialect: Dialect, _ use: Dialect.Use) -> String {
        let ready = """
            state = 'ready' AND \(StoreTransaction.isMail) AND \(StoreTransaction.jobClass) = '\(jobClass.rawValue)'
            """
        return """
            WITH RECURSIVE kinds (kind) AS (\(dialect.readyKinds(ready)))
            SELECT job.id FROM kinds \(dialect.firstOfEachKind(ready, limit, use))
            WHERE \(StoreTransaction.isNotPaused("kinds.kind"))
            ORDER BY job.id LIMIT \(limit)
            """
    }
}
