import Domain
import Support
import Testing

@testable import Worker

@Suite("Between dispatcher and lanes")
struct DeliveryQueueTests {
    private static let now = Instant(milliseconds: 1_000_000)
    private let queue = DeliveryQueue(senders: 4, of: 8)

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

    /// The next task, for a sender that is free.
    private func next() -> DeliveryTask? {
        if case .task(let task) = queue.nextTask(for: queue.activity.busy, timeout: .zero) { task } else { nil }
    }

    /// Tasks 1, 2, … went to the senders 0, 1, …
    private func finish(_ task: DeliveryTask, _ outcome: Delivery.Outcome) {
        queue.finish(result(task, outcome), by: Int(task.job.id) - 1)
    }

    private func ids(_ results: [DeliveryResult]) -> [Int64] { results.map(\.task.job.id) }

    @Test("The dispatcher looks for itself at the start, and then only when there is news")
    func start() {
        _ = queue.nextWake(timeout: .seconds(3_600), gatheringFor: .milliseconds(2))
        let start = ContinuousClock.now
        #expect(queue.nextWake(timeout: .milliseconds(20), gatheringFor: .milliseconds(2)).results.isEmpty)
        #expect(ContinuousClock.now - start >= .milliseconds(20))
        queue.wake()
        _ = queue.nextWake(timeout: .seconds(3_600), gatheringFor: .milliseconds(2))
    }

    @Test(
        "Results are gathered while tasks are left that no lane has begun, for as long as that, and not against a stop")
    func gathering() throws {
        let queue = DeliveryQueue(senders: 2, of: 2)
        func begin() throws -> DeliveryTask {
            guard case .task(let task) = queue.nextTask(for: 0, timeout: .zero) else { throw SupportFailure("no task") }
            return task
        }
        queue.enqueue([task(1), task(2), task(3), task(4)])
        for _ in 1...2 { queue.finish(result(try begin(), .delivered), by: 0) }
        #expect(ids(queue.nextWake(timeout: .zero, gatheringFor: .seconds(3_600)).results) == [1, 2])
        // The third waits for another, or until no task is left.
        let third = try begin()
        let last = try begin()
        queue.finish(result(third, .delivered), by: 0)
        #expect(ids(queue.nextWake(timeout: .zero, gatheringFor: .seconds(3_600)).results) == [3])
        queue.finish(result(last, .delivered), by: 0)
        queue.enqueue([task(5)])
        queue.stop()
        let news = queue.nextWake(timeout: .zero, gatheringFor: .seconds(3_600))
        #expect(ids(news.results) == [4, 5] && news.isStopping)
    }

    @Test("One result waits for others while tasks are left that no lane has begun")
    func patience() throws {
        let queue = DeliveryQueue(senders: 2, of: 2)
        queue.enqueue([task(1), task(2), task(3)])
        guard case .task(let first) = queue.nextTask(for: 0, timeout: .zero) else { throw SupportFailure("no task") }
        queue.finish(result(first, .delivered), by: 0)
        let start = ContinuousClock.now
        #expect(ids(queue.nextWake(timeout: .zero, gatheringFor: .milliseconds(20)).results) == [1])
        #expect(ContinuousClock.now - start >= .milliseconds(20))
    }

    @Test("Tasks go out in their order and results come back once")
    func order() throws {
        queue.enqueue([task(1), task(2)])
        let (first, second) = (try #require(next()), try #require(next()))
        #expect((first.job.id, second.job.id, queue.activity.busy) == (1, 2, 2))
        finish(second, .delivered)
        finish(first, .temporary)
        #expect(queue.activity.busy == 0)
        #expect(ids(queue.nextWake(timeout: .zero, gatheringFor: .milliseconds(2)).results) == [2, 1])
        #expect(queue.nextWake(timeout: .zero, gatheringFor: .milliseconds(2)).results.isEmpty)
    }

    @Test(
        "After a fault of the relay what waits comes back untried; after any other outcome it goes on waiting",
        arguments: Delivery.Outcome.allCases)
    func failure(outcome: Delivery.Outcome) throws {
        queue.enqueue([task(1), task(2), task(3)])
        let first = try #require(next())
        finish(first, outcome)
        let results = queue.nextWake(timeout: .zero, gatheringFor: .milliseconds(2)).results
        #expect(ids(results) == (outcome == .relayFault ? [1, 2, 3] : [1]))
        #expect(results.dropFirst().allSatisfy { $0.attempt == nil })
    }

    @Test("After stop what no lane has begun comes back untried, also what is handed out too late")
    func stop() throws {
        queue.enqueue([task(1), task(2)])
        let first = try #require(next())
        queue.stop()
        let news = queue.nextWake(timeout: .zero, gatheringFor: .milliseconds(2))
        #expect(news.isStopping)
        #expect(ids(news.results) == [2])
        queue.enqueue([task(3)])
        #expect(ids(queue.remainingResults(timeout: .zero)) == [3])
        finish(first, .delivered)
        #expect(ids(queue.remainingResults(timeout: .zero)) == [1])
        #expect(queue.remainingResults(timeout: .zero).isEmpty)
    }

    @Test("Closed, a lane gets what there is and then nothing more")
    func close() {
        queue.enqueue([task(1)])
        queue.close()
        #expect(next()?.job.id == 1)
        #expect(next() == nil)
    }

    private func task(_ id: Int64, _ jobClass: JobClass, isSuspect: Bool = false) -> DeliveryTask {
        let job = Job(
            id: id, kind: "reset-notice", state: .running, payload: "{}", createdAt: Self.now, runAt: Self.now,
            token: 1,
            attempts: 1, unknowns: 0, leaseUntil: nil, worker: "w", outcome: nil, reason: nil, finishedAt: nil,
            jobClass: jobClass)
        let mail = task(id).mail
        return DeliveryTask(job: job, kind: .resetNotice, expiry: Self.now, isSuspect: isSuspect, mail: mail)
    }

    @Test("Urgent tasks pass those that wait, and keep their own order")
    func urgentFirst() {
        queue.enqueue([task(1, .bulk), task(2, .normal), task(3, .urgent)])
        queue.enqueue([task(4, .normal), task(5, .urgent)])
        #expect((0..<4).compactMap { _ in next()?.job.id } == [3, 5, 2, 4])
    }

    @Test("Of tasks that the relay kept silent at, one is under way at a time")
    func suspects() throws {
        queue.enqueue([task(1, .normal, isSuspect: true), task(2, .normal, isSuspect: true), task(3, .normal)])
        #expect(next()?.job.id == 1)
        #expect(next()?.job.id == 3)
        #expect(next() == nil)
        queue.finish(result(task(1, .normal, isSuspect: true), .temporary), by: 0)
        guard case .task(let task) = queue.nextTask(for: 0, timeout: .zero) else {
            Issue.record("the second is not handed out")
            return
        }
        #expect(task.job.id == 2)
    }

    @Test("The reserve takes urgent tasks alone, and only while every other sender waits for its relay")
    func reserve() throws {
        let queue = DeliveryQueue(senders: 1, of: 4)
        queue.enqueue([task(1, .normal), task(2, .urgent), task(3, .normal)])
        guard case .task(let first) = queue.nextTask(for: 0, timeout: .zero) else {
            Issue.record("nothing is handed out")
            return
        }
        #expect(first.job.id == 2)
        queue.enqueue([task(4, .urgent)])
        queue.activity.begin("recipient", at: "relay.test:25", by: 0)
        queue.admitReserve()
        guard case .idle = queue.nextTask(for: 1, timeout: .milliseconds(50)) else {
            Issue.record("the reserve did not wait")
            return
        }
        // After a second at one step the sender counts as waiting.
        try Eventually.holds("the sender counts as waiting") { queue.isStalled }
        queue.admitReserve()
        guard case .task(let task) = queue.nextTask(for: 1, timeout: .seconds(10)) else {
            Issue.record("the reserve does not help")
            return
        }
        #expect(task.job.id == 4)
        #expect(queue.activity.waiting?.stage == "recipient")
    }
}
