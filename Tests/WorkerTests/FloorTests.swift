import Domain
import Support
import Testing

@testable import Worker

@Suite("Between dispatcher and lanes")
struct FloorTests {
    private static let now = Instant(milliseconds: 1_000_000)
    private let floor = Floor()

    private func errand(_ id: Int64) -> Errand {
        let job = Job(
            id: id, kind: "mail-test", state: .running, payload: "{}", createdAt: Self.now, runAt: Self.now, token: 1,
            attempts: 1, unknowns: 0, leaseUntil: nil, worker: "w", outcome: nil, reason: nil, finishedAt: nil)
        return Errand(job: job, kind: .mailTest, expiry: Self.now) {
            Letter(template: .test, language: .english, recipient: "", values: [:], messageID: "", date: Self.now)
        }
    }

    private func report(_ errand: Errand, _ verdict: Delivery.Verdict) -> Report {
        Report(errand: errand, trial: .init(startedAt: Self.now, delivery: RecordingCourier.delivery(verdict)))
    }

    private func ids(_ reports: [Report]) -> [Int64] { reports.map(\.errand.job.id) }

    @Test("The dispatcher looks for itself at the start, and then only when there is news")
    func start() {
        _ = floor.news(timeout: .seconds(3_600))
        let start = ContinuousClock.now
        #expect(floor.news(timeout: .milliseconds(20)).reports.isEmpty)
        #expect(ContinuousClock.now - start >= .milliseconds(20))
        floor.ring()
        _ = floor.news(timeout: .seconds(3_600))
    }

    @Test("Errands go out in their order and reports come back once")
    func order() throws {
        floor.hand(out: [errand(1), errand(2)])
        let (first, second) = (try #require(floor.next()), try #require(floor.next()))
        #expect((first.job.id, second.job.id, floor.busy) == (1, 2, 2))
        floor.done(report(second, .delivered))
        floor.done(report(first, .temporary))
        #expect(floor.busy == 0)
        #expect(ids(floor.news(timeout: .zero).reports) == [2, 1])
        #expect(floor.news(timeout: .zero).reports.isEmpty)
    }

    @Test(
        "After a fault of the relay what waits comes back untried; after any other outcome it goes on waiting",
        arguments: Delivery.Verdict.allCases)
    func fault(verdict: Delivery.Verdict) throws {
        floor.hand(out: [errand(1), errand(2), errand(3)])
        let first = try #require(floor.next())
        floor.done(report(first, verdict))
        let reports = floor.news(timeout: .zero).reports
        #expect(ids(reports) == (verdict == .relayFault ? [1, 2, 3] : [1]))
        #expect(reports.dropFirst().allSatisfy { $0.trial == nil })
    }

    @Test("After stop what no lane has begun comes back untried, also what is handed out too late")
    func stop() throws {
        floor.hand(out: [errand(1), errand(2)])
        let first = try #require(floor.next())
        floor.stop()
        let news = floor.news(timeout: .zero)
        #expect(news.isStopping)
        #expect(ids(news.reports) == [2])
        floor.hand(out: [errand(3)])
        #expect(ids(floor.lastReports(timeout: .zero)) == [3])
        floor.done(report(first, .delivered))
        #expect(ids(floor.lastReports(timeout: .zero)) == [1])
        #expect(floor.lastReports(timeout: .zero).isEmpty)
    }

    @Test("Closed, a lane gets what there is and then nothing more")
    func close() {
        floor.hand(out: [errand(1)])
        floor.close()
        #expect(floor.next()?.job.id == 1)
        #expect(floor.next() == nil)
    }
}
