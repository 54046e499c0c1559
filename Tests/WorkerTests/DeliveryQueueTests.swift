import Domain
import Support
import Testing

@testable import Worker

@Suite("Between dispatcher and lanes")
struct DeliveryQueueTests {
    private static let now = Instant(milliseconds: 1_000_000)
    private let queue = DeliveryQueue()

    private func task(_ id: Int64) -> DeliveryTask {
        let job = Job(
            id: id, kind: "mail-test", state: .running, payload: "{}", createdAt: Self.now, runAt: Self.now, token: 1,
            attempts: 1, unknowns: 0, leaseUntil: nil, worker: "w", outcome: nil, reason: nil, finishedAt: nil)
        return DeliveryTask(job: job, kind: .mailTest, expiry: Self.now) {
            TemplatedMail(
                template: .test, language: .english, recipient: "", values: [:], messageID: "", date: Self.now)
        }
    }

    private func result(_ task: DeliveryTask, _ outcome: Delivery.Outcome) -> DeliveryResult {
        DeliveryResult(task: task, attempt: .init(startedAt: Self.now, delivery: RecordingCourier.delivery(outcome)))
    }

    private func ids(_ results: [DeliveryResult]) -> [Int64] { results.map(\.task.job.id) }

    @Test("The dispatcher looks for itself at the start, and then only when there is news")
    func start() {
        _ = queue.nextWake(timeout: .seconds(3_600))
        let start = ContinuousClock.now
        #expect(queue.nextWake(timeout: .milliseconds(20)).results.isEmpty)
        #expect(ContinuousClock.now - start >= .milliseconds(20))
        queue.wake()
        _ = queue.nextWake(timeout: .seconds(3_600))
    }

    @Test("Errands go out in their order and reports come back once")
    func order() throws {
        queue.enqueue([task(1), task(2)])
        let (first, second) = (try #require(queue.nextTask()), try #require(queue.nextTask()))
        #expect((first.job.id, second.job.id, queue.busy) == (1, 2, 2))
        queue.finish(result(second, .delivered))
        queue.finish(result(first, .temporary))
        #expect(queue.busy == 0)
        #expect(ids(queue.nextWake(timeout: .zero).results) == [2, 1])
        #expect(queue.nextWake(timeout: .zero).results.isEmpty)
    }

    @Test(
        "After a fault of the relay what waits comes back untried; after any other outcome it goes on waiting",
        arguments: Delivery.Outcome.allCases)
    func failure(outcome: Delivery.Outcome) throws {
        queue.enqueue([task(1), task(2), task(3)])
        let first = try #require(queue.nextTask())
        queue.finish(result(first, outcome))
        let results = queue.nextWake(timeout: .zero).results
        #expect(ids(results) == (outcome == .relayFault ? [1, 2, 3] : [1]))
        #expect(results.dropFirst().allSatisfy { $0.attempt == nil })
    }

    @Test("After stop what no lane has begun comes back untried, also what is handed out too late")
    func stop() throws {
        queue.enqueue([task(1), task(2)])
        let first = try #require(queue.nextTask())
        queue.stop()
        let news = queue.nextWake(timeout: .zero)
        #expect(news.isStopping)
        #expect(ids(news.results) == [2])
        queue.enqueue([task(3)])
        #expect(ids(queue.remainingResults(timeout: .zero)) == [3])
        queue.finish(result(first, .delivered))
        #expect(ids(queue.remainingResults(timeout: .zero)) == [1])
        #expect(queue.remainingResults(timeout: .zero).isEmpty)
    }

    @Test("Closed, a lane gets what there is and then nothing more")
    func close() {
        queue.enqueue([task(1)])
        queue.close()
        #expect(queue.nextTask()?.job.id == 1)
        #expect(queue.nextTask() == nil)
    }
}
