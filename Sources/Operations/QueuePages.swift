import Domain
import HTTPServer
import Mustache
import Pages

/// How the queue is, at a glance.
extension Operations {
    /// Seconds after which a browser without scripts asks for the page again; with them, live.js does so sooner.
    private static let refresh = 15

    /// `?live=off` is a page that stays as it is, for reading; `?changed=ID` tells what became of a job that was changed.
    func showQueue(_ request: Request) throws -> Response {
        let isLive = try request.query.optional("live") != "off"
        let changed = try request.query.optional("changed").flatMap(JobID.parse)
        let viewer = pages.viewer(request)
        let words = pages.words(for: viewer)
        let now = clock.now()
        let view = try QueuePageData(of: store, changed: changed, at: now)
        let formatter = PageTimeFormatter(viewer.language, words, zone: zone, now: now)
        let context = QueueContext(words: words, formatter: formatter, version: version) { purpose, subject in
            forms.token(for: purpose, subject: subject, at: now)
        }
        var values = navigation.context(words, current: Navigation.queue)
            .merging(context.values(view, isLive: isLive)) { $1 }
        if isLive { values["refresh_seconds"] = "\(Self.refresh)" }
        let answer = words["operations.answers.\(view.report.situation.rawValue).heading"]
        return pages.draw(.queue, title: answer, for: viewer, values, isLive: isLive)
    }

    /// Keeps a kind of jobs from being claimed, or lets it be again.
    func changeLane(_ change: KindPauseChange, _ request: Request) throws -> Response {
        let form = try request.form()
        let back = (href: "/", label: "next.operations")
        guard try hasFormToken(form, for: QueueContext.lanePurpose, subject: "") else {
            return answer(.formExpired, request, next: back)
        }
        let (lane, why) = (try form.single("kind"), try form.optional("why") ?? "")
        guard try apply(change, lane: lane, why: why, by: .web, request) else {
            return answer(APIError(409, "The lane is so already."), request, next: back)
        }
        return .redirect(to: back.href)
    }
}

/// What the queue's page is drawn from, read at one moment.
struct QueuePageData: Sendable {
    /// How many dead jobs, and how many of those that wait, the page shows.
    private static let shown = 10

    let report: QueueReport
    let day: DailyStatistics
    let oldest: [JobWithUserID]
    /// Newest first.
    let dead: [JobWithUserID]
    /// A job that an operator has just changed, and what the audit log says of it.
    let changed: (job: Job, event: AuditRecord)?

    init(of store: any Store, changed: Int64?, at now: Instant) throws {
        let report = try QueueReport(of: store, at: now)
        self = try store.read { try QueuePageData(report, in: $0, changed: changed, at: now) }
    }

    private init(_ report: QueueReport, in transaction: any ReadTransaction, changed: Int64?, at now: Instant) throws {
        var change: (Job, AuditRecord)?
        if let changed, let job = try transaction.job(id: changed) {
            change = try transaction.auditEvents(AuditFilter(job: changed), limit: 1).first.map { (job, $0) }
        }
        self.init(
            report: report,
            day: DailyStatistics(try transaction.statistics(since: DailyStatistics.start(at: now)), at: now),
            oldest: try transaction.oldestUnfinishedJobs(limit: Self.shown).map {
                try JobWithUserID($0, in: transaction)
            },
            dead: try transaction.jobs(JobFilter(state: .dead), limit: Self.shown).map {
                try JobWithUserID($0, in: transaction)
            },
            changed: change)
    }

    init(
        report: QueueReport, day: DailyStatistics, oldest: [JobWithUserID], dead: [JobWithUserID],
        changed: (Job, AuditRecord)?
    ) {
        self.report = report
        self.day = day
        self.oldest = oldest
        self.dead = dead
        self.changed = changed
    }

    /// How many jobs are in a state; `10000+` where only so many were counted.
    func count(_ state: JobState) -> String {
        let count = report.count(state)
        return "\(count)\(state.isFinished && count >= QueueCount.mostFinished ? "+" : "")"
    }
}

extension QueueReport {
    func count(_ state: JobState) -> Int {
        counts.filter { $0.state == state.rawValue }.reduce(0) { $0 + $1.count }
    }
}

extension AuditFilter {
    /// What was done to a job.
    init(job: Int64) {
        self.init()
        subject = "job:\(job)"
    }
}
