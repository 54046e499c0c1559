import Domain
import Mustache
package import Pages

extension Operations {
    /// Holds the templates of the operations pages against a sample of what they are drawn with.
    /// - Returns: each name that does not resolve, with file, line and the nearest name that would.
    package static func templateProblems(_ pages: Pages) -> [String] {
        let now = Instant(milliseconds: 0)
        let job = Job(
            id: 1, kind: "sample", state: .dead, payload: "sample", createdAt: now, runAt: now, token: 1, attempts: 1,
            unknowns: 1, leaseUntil: now, worker: "sample", outcome: "sample", reason: "sample", finishedAt: now)
        let attempt = Attempt(
            number: 1, startedAt: now, seconds: 0, stage: "sample", code: 250, outcome: .temporary, reply: "sample",
            reusedConnection: true, worker: "sample")
        let worker = WorkerHeartbeat(
            id: "sample", startedAt: now, heartbeatAt: now, relay: "open", relayReason: "sample", lanes: 1, busy: 0,
            relays: [
                .init(
                    name: "sample", state: .open, reason: "sample", token: RelayToken(endsAt: now, failure: "sample"))
            ])
        let row = JobWithUserID(job: job, userID: "sample")
        let event = AuditRecord(
            number: 1, name: "sample", at: now, actor: "sample", subject: "sample", address: "sample", detail: "sample",
            hash: nil)
        let statistics = [
            Statistic(slot: now, name: .arrived, kind: "sample", label: "", count: 1, total: 0),
            Statistic(slot: now, name: .waited, kind: "sample", label: HistogramBuckets.labels[0], count: 1, total: 0),
        ]
        let report = QueueReport(
            counts: [QueueCount(kind: "sample", state: .dead, count: 2)],
            health: HealthSnapshot(workers: [worker], oldestReady: now, at: now), oldestRunning: now, oldestByKind: [:],
            pauses: [PausedKind(kind: "sample", at: now, by: "sample", why: "sample")], statistics: statistics,
            mailed: [MailedJob(at: now, jobClass: .normal, relay: "sample")],
            webhooks: [
                ReceiverReport(
                    Webhook(application: "sample", url: "sample", offSince: now, offReason: "sample"), WebhookQueue(),
                    at: now)
            ], at: now)
        let queue = QueuePageData(
            report: report, day: DailyStatistics(statistics, at: now), oldest: [row], dead: [row], changed: (job, event)
        )
        let list = JobListPageData(query: JobQuery(), rows: [row], hasMore: true)
        let one = JobPageData(row: row, attempts: [attempt], changes: [event])
        return Language.allCases.flatMap { language in
            let words = pages.words(language)
            let formatter = PageTimeFormatter(language, words, zone: .utc, now: now)
            let frame = Navigation().context(words, current: Navigation.queue)
            let samples: [(PageName, [String: Value])] = [
                (
                    .queue,
                    QueueContext(words: words, formatter: formatter, version: "sample", token: { _, _ in "sample" })
                        .values(queue, isLive: true)
                ),
                (.jobs, ListContext(words: words, formatter: formatter).values(list)),
                (.job, JobContext(words: words, formatter: formatter).values(one, csrf: "sample")),
            ]
            return samples.flatMap { page, sample in pages.problems(page, frame.merging(sample) { $1 }) }
        }
    }
}
