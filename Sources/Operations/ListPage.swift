import Domain
import HTTPServer
import Mustache
import Pages

/// Jobs by a filter, newest first. The page stays as it is, for reading.
extension Operations {
    func listJobs(_ request: Request) throws -> Response {
        var query = try JobQuery(request.query)
        query.limit = JobQuery.standardLimit
        let viewer = pages.viewer(request)
        let words = pages.words(for: viewer)
        let now = clock.now()
        let view = try store.read { [query] in try ListView(query, in: $0, at: now) }
        let context = ListContext(words: words, formatter: TimeFormatter(viewer.language, words, zone: zone, now: now))
        return pages.draw(
            .jobs, title: "operations.jobs", for: viewer,
            navigation.context(words, current: Navigation.jobs).merging(context.values(view)) { $1 })
    }
}

/// What a list of jobs is drawn from, read at one moment.
struct ListView: Sendable {
    let query: JobQuery
    /// Nil when the account that is asked for is not known.
    let rows: [JobRow]?
    /// Whether older jobs than these fit the query.
    let hasMore: Bool

    init(_ query: JobQuery, in transaction: any JobReader & AccountReader & ResetReader, at now: Instant) throws {
        let jobs = try query.filter(in: transaction, at: now).map { try transaction.jobs($0, limit: query.limit + 1) }
        self.init(
            query: query, rows: try jobs?.prefix(query.limit).map { try JobRow($0, in: transaction) },
            hasMore: (jobs?.count ?? 0) > query.limit)
    }

    init(query: JobQuery, rows: [JobRow]?, hasMore: Bool) {
        self.query = query
        self.rows = rows
        self.hasMore = hasMore
    }

    /// The query for the jobs after these.
    var next: JobQuery? { hasMore ? rows?.last.map { query.following($0.job.id) } : nil }
}

/// Puts a list of jobs into the words of its page.
struct ListContext: Sendable {
    let words: Words
    let formatter: TimeFormatter

    func values(_ view: ListView) -> [String: Value] {
        let query = view.query
        let row = RowContext(words: words, formatter: formatter)
        return [
            "states": .list(
                [option("", words["operations.any"], query.state == nil)]
                    + JobState.allCases.map { option($0.rawValue, row.name($0), query.state == $0) }),
            "kinds": .list(
                [option("", words["operations.any"], query.kind == nil)]
                    + Self.kinds(query.kind).map { option($0, $0, query.kind == $0) }),
            "account": .text(query.account ?? ""), "reason": .text(query.reason ?? ""),
            "older_than": .text(query.olderThan?.text ?? ""), "no_account": .flag(view.rows == nil),
            "jobs": .list((view.rows ?? []).map(row.values)),
            "next_href": .optional(view.next?.address("/jobs")),
        ]
    }

    private func option(_ value: String, _ label: String, _ isChosen: Bool) -> Value {
        ["value": .text(value), "label": .text(label), "chosen": .flag(isChosen)]
    }

    /// The kinds that are known, and the one that is asked for.
    private static func kinds(_ asked: String?) -> [String] {
        let known = JobKind.allCases.map(\.rawValue)
        return known + [asked].compactMap { $0 }.filter { !known.contains($0) }
    }
}
