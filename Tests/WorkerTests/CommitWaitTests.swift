import Cryptography
import Domain
import SQL
import Support
import Testing

@testable import Store
@testable import Worker

/// While a commit of a worker waits for an answer, all writers on all machines wait with it.
@Suite("What a commit of a worker waits for")
struct CommitWaitTests {
    /// A worker's commits, on a connection that counts.
    private struct Scene {
        let worker: WorkerScene
        private let preparer: JobPreparer
        private let writer: any EngineWriter
        private let connection: CountingConnection
        private let transaction: StoreTransaction

        init(on engine: TestEngine) throws {
            let place = try engine.makeFixture()
            worker = try WorkerScene(in: place)
            let mailbox = try #require(ReturnMailbox("bounces@example.org"))
            let addresses = ReturnAddresses(mailbox: mailbox, keys: SigningKeys(ResetScene.key))
            preparer = try worker.equipment(returnAddresses: addresses) { RecordingCourier(.delivered) }.preparer
            writer = try place.engine.openWriter(by: worker.clock)
            connection = CountingConnection(writer.connection)
            transaction = StoreTransaction(connection, Queries(place.engine.dialect))
        }

        /// Queues a request that is right, one that is wrong, a notice, and what is no mail at all.
        func enqueue(_ number: Int) throws {
            let account = try worker.scene.newcomer("user\(number)")
            try worker.scene.request(worker.scene.payload("user\(number)"))
            try worker.scene.request(worker.scene.payload("user\(number)", email: "evil@example.org"))
            let notice = NoticePayload(account: account, at: worker.clock.now(), address: "192.0.2.9")
            let job = try notice.job(for: .reset, at: worker.clock.now())
            _ = try worker.store.write { try $0.enqueue(job) }
            try worker.scene.enqueue("mail-test", "{}")
        }

        /// Settles tasks as failed for now, and claims what is ready.
        func commit(_ tasks: [DeliveryTask]) throws -> (waits: Int, outcome: QueueTransaction.Outcome) {
            let now = worker.clock.now()
            let results = tasks.map { task in
                DeliveryResult(
                    task: task, attempt: .init(startedAt: now, delivery: RecordingCourier.delivery(.temporary)))
            }
            let cycle = QueueTransaction(
                worker: "w", now: now, leaseUntil: now + .seconds(30), results: results, renewals: [], rescues: false,
                limit: 1_000, classes: JobClass.allCases, relayTakesMail: true, shares: ClaimShares(), heartbeat: nil,
                pruneBefore: nil)
            let before = connection.waits
            var outcome = QueueTransaction.Outcome()
            transaction.begin()
            try writer.commit {
                try connection.transaction {
                    outcome = try cycle.run(in: transaction, preparer: preparer, random: worker.scene.random)
                    try transaction.flushStatistics()
                }
            }
            return (connection.waits - before, outcome)
        }
    }

    /// How many answers the commits wait for that claim so many jobs of each kind, settle them, and claim them again.
    private func waits(_ count: Int, on engine: TestEngine) throws -> [Int] {
        let scene = try Scene(on: engine)
        try scene.worker.store.write { try $0.setWebhooks([Webhook(application: "a", url: "http://127.0.0.1/")]) }
        for number in 0..<count { try scene.enqueue(number) }
        let first = try scene.commit([])
        #expect((first.outcome.tasks.count, first.outcome.settledUnsent.count) == (count * 2, count * 2))
        let second = try scene.commit(first.outcome.tasks)
        #expect((second.outcome.settled.count, second.outcome.claimed) == (count * 2, 0))
        scene.worker.clock.advance(.seconds(10))
        let third = try scene.commit([])
        #expect((third.outcome.tasks.count, third.outcome.settledUnsent.count) == (count * 2, 0))
        return [first.waits, second.waits, third.waits]
    }

    @Test("It waits for as many answers with sixteen jobs as with one", arguments: TestEngine.allCases)
    func constant(engine: TestEngine) throws {
        let waits = try waits(1, on: engine)
        #expect(try self.waits(16, on: engine) == waits)
        #expect(waits.allSatisfy { $0 <= 12 }, "\(waits)")
    }
}
