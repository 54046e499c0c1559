import Domain
import HTTPServer
import Mustache
import Pages

/// The queue, newest first.
extension Operations {
    /// Seconds after which the browser asks for the queue again. The filtered lists stay as they are, for reading.
    private static let refresh = 5

    func showQueue(_ request: Request) throws -> Response {
        var response = try queuePage(JobQuery(), request, refresh: Self.refresh)
        response.set("Refresh", "\(Self.refresh)")
        return response
    }

    func listJobs(_ request: Request) throws -> Response {
        var query = try JobQuery(request.query)
        query.limit = JobQuery.standardLimit
        return try queuePage(query, request, refresh: nil)
    }

    private func queuePage(_ query: JobQuery, _ request: Request, refresh: Int?) throws -> Response {
        let visitor = pages.visitor(request)
        let words = pages.words(for: visitor)
        let now = clock.now()
        let view = try storage.read { try QueueView(query, in: $0, at: now) }
        let context = QueueContext(
            words: words, moments: Moments(visitor.language, words, zone: zone, now: now), version: version)
        return pages.draw(
            .queue, title: "operations.queue", for: visitor,
            navigation.context(words, current: Navigation.queue)
                .merging(context.values(view, refresh: refresh)) { $1 })
    }
}

/// What the queue's page is drawn from, read at one moment.
struct QueueView: Sendable {
    let query: JobQuery
    let counts: [QueueCount]
    let pulse: Pulse
    let rows: [JobRow]
    /// Whether older jobs than these fit the query.
    let hasMore: Bool

    init(_ query: JobQuery, in store: any Reading, at now: Instant) throws {
        let jobs = try store.jobs(query.filter, limit: query.limit + 1)
        self.init(
            query: query, counts: try store.queueCounts(), pulse: try Pulse(of: store, at: now),
            rows: try jobs.prefix(query.limit).map { try JobRow($0, in: store) }, hasMore: jobs.count > query.limit)
    }

    init(query: JobQuery, counts: [QueueCount], pulse: Pulse, rows: [JobRow], hasMore: Bool) {
        self.query = query
        self.counts = counts
        self.pulse = pulse
        self.rows = rows
        self.hasMore = hasMore
    }

    /// How many jobs of the kind asked for are in a state, or in all; `10000+` where only so many were counted.
    func count(_ state: JobState?) -> String {
        let inState = counts.filter { state == nil || $0.state == state }
        let ofKind = inState.filter { query.filter.kind == nil || $0.kind == query.filter.kind }
        let isCut = JobState.allCases.contains { finished in
            let counted = inState.filter { $0.state == finished }.reduce(0) { $0 + $1.count }
            return finished.isFinished && counted >= QueueCount.mostFinished
        }
        return "\(ofKind.reduce(0) { $0 + $1.count })\(isCut ? "+" : "")"
    }

    /// The filter for the jobs after these.
    var next: JobFilter? {
        guard hasMore, let last = rows.last else { return nil }
        var filter = query.filter
        filter.before = last.job.id
        return filter
    }
}
