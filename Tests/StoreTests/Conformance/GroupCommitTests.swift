import Domain
import Foundation
import Store
import Support
import Testing
import Threading

@Suite("Group commit")
struct GroupCommitTests {
    private struct Refusal: Error, Equatable {
        let thread: Int
    }

    private static func job(_ number: Int, at now: Instant) -> NewJob {
        NewJob(kind: "mail-test", payload: "\(number)", createdAt: now)
    }

    private static func enqueue(_ number: Int, at now: Instant) -> Batch.Write<Int64> {
        { try $0.enqueue(job(number, at: now)) }
    }

    @Test(
        "Many threads write at once: each gets its own answer, who throws undoes only itself, and commits are shared",
        arguments: TestEngine.allCases)
    func manyThreads(engine: TestEngine) throws {
        let fixture = try TemporaryDatabase(on: engine)
        let (database, now) = (fixture.database, fixture.clock.now())
        let (threads, rounds) = (64, 20)
        let answers = try inParallel(threads) { thread in
            try (0..<rounds).map { round in
                do {
                    return try database.write { transaction in
                        let id = try transaction.enqueue(Self.job(thread * rounds + round, at: now))
                        if (thread + round) % 4 == 0 { throw Refusal(thread: thread) }
                        return id
                    } as Int64?
                } catch let refusal as Refusal {
                    #expect(refusal.thread == thread)
                    return nil
                }
            }
        }
        let jobs = try database.read { try $0.jobs(JobFilter(), limit: 10_000) }
        let payloads = Dictionary(uniqueKeysWithValues: jobs.map { ($0.id, $0.payload) })
        for (thread, answers) in answers.enumerated() {
            for (round, id) in answers.enumerated() {
                #expect((id == nil) == ((thread + round) % 4 == 0))
                if let id { #expect(payloads[id] == "\(thread * rounds + round)") }
            }
        }
        #expect(jobs.count == threads * rounds * 3 / 4)
        let commits = database.metrics.commits.count
        #expect(commits < threads * rounds / 2, "\(commits) commits for \(threads * rounds) writes")
    }

    @Test(
        "Writes that wait for a commit under way are one commit, whatever one of them throws",
        arguments: TestEngine.allCases)
    func oneCommit(engine: TestEngine) throws {
        let fixture = try TemporaryDatabase(on: engine)
        let (database, now) = (fixture.database, fixture.clock.now())
        let before = database.metrics.commits.count
        let results = try Batch(database).run(
            (0..<10).map { number in
                { transaction in
                    let id = try transaction.enqueue(Self.job(number, at: now))
                    if number == 4 { throw Refusal(thread: 4) }
                    return id
                }
            })
        // The first is that of the write that kept the writer busy.
        #expect(database.metrics.commits.count == before + 2)
        #expect(results.filter { $0.failure is Refusal }.count == 1)
        let payloads = try database.read { try $0.jobs(JobFilter(), limit: 20) }.compactMap(\.payload).compactMap(
            Int.init)
        #expect(payloads.sorted() == [0, 1, 2, 3, 5, 6, 7, 8, 9])
    }

    @Test(
        "A write that comes alone and fails leaves nothing behind, and the next one is sound",
        arguments: TestEngine.allCases)
    func alone(engine: TestEngine) throws {
        let fixture = try TemporaryDatabase(on: engine)
        let (database, now) = (fixture.database, fixture.clock.now())
        #expect(throws: Refusal(thread: 1)) {
            try database.write { transaction in
                try transaction.enqueue(Self.job(1, at: now))
                throw Refusal(thread: 1)
            } as Void
        }
        #expect(throws: StoreError.self) {
            try database.write { transaction in
                try transaction.enqueue(Self.job(2, at: now))
                // There is no such account; nobody waits for the answer.
                try transaction.replaceRecoveryCodes(account: 1, digests: [[1]], at: now)
            }
        }
        _ = try database.write { try $0.enqueue(Self.job(3, at: now)) }
        #expect(try database.read { try $0.jobs(JobFilter(), limit: 9) }.map(\.payload) == ["3"])
    }

    @Test("After close a write is refused with a sentence, and reading still works", arguments: TestEngine.allCases)
    func closed(engine: TestEngine) throws {
        let fixture = try TemporaryDatabase(on: engine)
        let now = fixture.clock.now()
        let id = try fixture.database.write { try $0.enqueue(Self.job(7, at: now)) }
        fixture.database.close()
        let error = #expect(throws: StoreError.self) {
            try fixture.database.write { try $0.enqueue(Self.job(8, at: now)) }
        }
        #expect(error?.sentence == "The service is shutting down; please try again.")
        #expect(try fixture.database.read { try $0.job(id: id)?.payload } == "7")
    }

    @Test("Closing finishes the writes that were handed in", arguments: TestEngine.allCases)
    func closingDrains(engine: TestEngine) throws {
        let fixture = try TemporaryDatabase(on: engine)
        let (database, now) = (fixture.database, fixture.clock.now())
        let results = try Batch(database).run((0..<20).map { Self.enqueue($0, at: now) }) {
            Thread.detachNewThread { database.close() }
        }
        #expect(results.allSatisfy { $0.failure == nil })
        #expect(try database.read { try $0.jobs(JobFilter(), limit: 99) }.count == 20)
    }

    @Test("Listeners hear of a commit that made jobs ready, after it, and of no other", arguments: TestEngine.allCases)
    func listeners(engine: TestEngine) throws {
        let fixture = try TemporaryDatabase(on: engine)
        let (database, now) = (fixture.database, fixture.clock.now())
        let rings = Monitor<[Int]>([])
        database.onJobsReady {
            let visible = try? database.read { try $0.jobs(JobFilter(), limit: 99).count }
            rings.withLock { $0.append(visible ?? -1) }
        }
        try database.write { try $0.recordRateLimitHit(from: "192.0.2.1", at: now) }
        _ = try database.write { try $0.enqueue(Self.job(1, at: now)) }
        #expect(rings.wait(timeout: .seconds(5)) { $0.isEmpty ? nil : $0 } == [1])
    }
}
