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
            number: 1, startedAt: now, seconds: 0, stage: "sample", code: 250, verdict: .temporary, reply: "sample",
            reusedConnection: true, worker: "sample")
        let worker = WorkerStanding(
            id: "sample", startedAt: now, heartbeatAt: now, relay: "open", relayReason: "sample", lanes: 1, busy: 0)
        let row = JobRow(job: job, userID: "sample")
        let view = QueueView(
            query: JobQuery(), counts: [], pulse: Pulse(workers: [worker], oldestReady: now, at: now), rows: [row],
            hasMore: true)
        return Language.allCases.flatMap { language in
            let words = pages.words(language)
            let moments = Moments(language, words, zone: .utc, now: now)
            let frame = Navigation().context(words, current: Navigation.queue)
            let queue = QueueContext(words: words, moments: moments, version: "sample").values(view, refresh: 1)
            let one = JobContext(words: words, moments: moments).values(
                JobView(row: row, attempts: [attempt]), csrf: "sample")
            return pages.problems(.queue, frame.merging(queue) { $1 }) + pages.problems(.job, frame.merging(one) { $1 })
        }
    }
}
