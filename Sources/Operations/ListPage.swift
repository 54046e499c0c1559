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
        let view = try store.read { [query] in try JobListPageData(query, in: $0, at: now) }
        let context = ListContext(
            words: words, formatter: PageTimeFormatter(viewer.language, words, zone: zone, now: now))
        return pages.draw(
            .jobs, title: "operations.jobs", for: viewer,
            navigation.context(words, current: Navigation.jobs).merging(context.values(view)) { $1 })
    }
}

/// What a list of jobs is drawn from, read at one moment.
struct JobListPageData: Sendable {
    let query: JobQuery
    /// Nil when the account that is asked for is not known.
    let rows: [JobWithUserID]?
    /// Whether older jobs than these fit the query.
    let hasMore: Bool

    init(_ query: JobQuery, in transaction: any JobReader & AccountReader & ResetReader, at now: Instant) throws {
        let jobs = try query.filter(in: transaction, at: now).map { try transaction.jobs($0, limit: query.limit + 1) }
        self.init(
            query: query, rows: try jobs?.prefix(query.limit).map { try JobWithUserID($0, in: transaction) },
            hasMore: (jobs?.count ?? 0) > query.limit)
    }

    init(query: JobQuery, rows: [JobWithUserID]?, hasMore: Bool) {
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
    let formatter: PageTimeFormatter

    func values(_ view: JobListPageData) -> [String: Value] {
        let query = view.query
        let row = RowContext(words: words, formatter: formatter)
        let states =
            [any(isChosen: query.state == nil)]
            + JobState.allCases.map { OperatorField.option($0.rawValue, row.name($0), isChosen: query.state == $0) }
        let kinds =
            [any(isChosen: query.kind == nil)]
            + Self.kinds(query.kind).map { OperatorField.option($0, $0, isChosen: query.kind == $0) }
        let outcomes =
            [any(isChosen: query.outcome == nil)]
            + Job.outcomes.map { OperatorField.option($0, $0, isChosen: query.outcome == $0) }
        let (account, reason, span) = (query.account ?? "", query.reason ?? "", query.olderThan?.text ?? "")
        let request = query.request ?? ""
        let filter = [
            field("state", "columns.state", .choice(states)), field("kind", "columns.kind", .choice(kinds)),
            field("outcome", "columns.outcome", .choice(outcomes)),
            field("account", "filter_account", .account(account)),
            field("request", "filter_request", .request(request)), field("reason", "filter_reason", .reason(reason)),
            field("older_than", "filter_older", .span(span)),
        ]
        let table = JobTable(
            columns: [.state, .outcome, .attempts, .created], rows: (view.rows ?? []).map { row.values($0) },
            hasUnknownAccount: view.rows == nil)
        return [
            "filter": .list(filter), "jobs_table": table.context, "next_href": .optional(view.next?.address("/jobs")),
            // For pages that draw form and table themselves.
            "states": .list(states), "kinds": .list(kinds), "outcomes": .list(outcomes),
            "account": .text(account), "request": .text(request),
            "reason": .text(reason),
            "older_than": .text(span), "no_account": .flag(table.hasUnknownAccount), "jobs": .list(table.rows),
        ]
    }

    private func field(_ name: String, _ label: String, _ kind: OperatorField.Kind) -> Value {
        OperatorField(id: name, name: name, label: words["operations.\(label)"], kind: kind).context
    }

    private func any(isChosen: Bool) -> Value {
        OperatorField.option("", words["operations.any"], isChosen: isChosen)
    }

    /// The kinds that are known, and the one that is asked for.
    private static func kinds(_ asked: String?) -> [String] {
        let known = JobKind.allCases.map(\.rawValue)
        return known + [asked].compactMap { $0 }.filter { !known.contains($0) }
    }
}
