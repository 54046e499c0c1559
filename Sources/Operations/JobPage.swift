import Domain
import HTTPServer
import Mustache
import Pages

/// One job, and what an operator may do to it.
extension Operations {
    func showJob(_ id: String, _ request: Request) throws -> Response {
        guard let id = JobID.parse(id) else { throw APIError.unknownJob }
        let viewer = pages.viewer(request)
        let words = pages.words(for: viewer)
        let now = clock.now()
        let view = try store.read { try JobPageData(id, in: $0) }
        guard let view else { throw APIError.unknownJob }
        let context = JobContext(
            words: words, formatter: PageTimeFormatter(viewer.language, words, zone: zone, now: now))
        let csrf = forms.token(for: Self.jobPurpose, subject: "\(id)", at: now)
        // A job that is over changes no more, unless its mail comes back some day.
        return pages.draw(
            .job, title: words.sentence("job", ["id": "\(id)"]), for: viewer,
            navigation.context(words, current: nil).merging(context.values(view, csrf: csrf)) { $1 },
            isLive: !view.row.job.state.isFinished)
    }

    func change(_ id: String, _ change: JobChange, _ request: Request) throws -> Response {
        guard let id = JobID.parse(id) else { throw APIError.unknownJob }
        let form = try request.form()
        let back = (href: "/jobs/\(id)", label: "next.job")
        guard try hasFormToken(form, for: Self.jobPurpose, subject: "\(id)") else {
            return answer(.formExpired, request, next: back)
        }
        let why = try form.optional("why") ?? ""
        switch try apply(change, to: id, why: why, by: .web, request) {
        case .unknown: throw APIError.unknownJob
        case .conflict(let state): return answer(.conflict(state), request, next: back)
        case .done:
            let isFromQueue = try form.optional("from") == "queue"
            return .redirect(to: isFromQueue ? "/?changed=\(id)" : back.href)
        }
    }

    /// All buttons for a job carry the same token: a permission for one is a permission for all.
    static let jobPurpose = "job"
}

/// What a job's page is drawn from, read at one moment.
struct JobPageData: Sendable {
    let row: JobWithUserID
    let attempts: [Attempt]
    /// What operators did to it, newest first.
    let changes: [AuditRecord]

    /// How many changes the page shows.
    private static let shown = 100

    init?(_ id: Int64, in transaction: any JobReader & AccountReader & ResetReader & AuditReader) throws {
        guard let job = try transaction.job(id: id) else { return nil }
        self.init(
            row: try JobWithUserID(job, in: transaction), attempts: try transaction.attempts(job: id),
            changes: try transaction.auditEvents(AuditFilter(job: id), limit: Self.shown))
    }

    init(row: JobWithUserID, attempts: [Attempt], changes: [AuditRecord]) {
        self.row = row
        self.attempts = attempts
        self.changes = changes
    }
}
