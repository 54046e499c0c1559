import Domain
import Foundation
import SQL
import Support
import Testing

@testable import Store
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

    /// More than fits on the disk. Of rows without a trigger: where there is one, SQLite undoes the statement alone, and
    /// the other writes go on.
    private static func fill(at now: Instant) -> Batch.Write<Int64> {
        { transaction in
            for _ in 1...100 {
                try transaction.append(
                    AuditEvent(
                        name: .policyChanged, at: now, actor: "operator:test", subject: "disk", address: nil,
                        detail: String(repeating: "x", count: 4_000)))
            }
            return 0
        }
    }

    @Test("Many threads write at once: each gets its own answer, who throws undoes only itself, and commits are shared")
    func manyThreads() throws {
        let fixture = try TemporaryDatabase()
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
        let commits = try WriteAheadLog(database: fixture.path).commits
        #expect(commits < threads * rounds / 2, "\(commits) commits for \(threads * rounds) writes")
    }

    @Test("Writes that wait for a commit under way are one commit, whatever one of them throws")
    func oneCommit() throws {
        let fixture = try TemporaryDatabase()
        let (database, now) = (fixture.database, fixture.clock.now())
        let before = try WriteAheadLog(database: fixture.path).commits
        let results = try Batch(database).run(
            (0..<10).map { number in
                { transaction in
                    let id = try transaction.enqueue(Self.job(number, at: now))
                    if number == 4 { throw Refusal(thread: 4) }
                    return id
                }
            })
        // The write that kept the writer busy changed nothing, and made no commit of its own.
        #expect(try WriteAheadLog(database: fixture.path).commits == before + 1)
        #expect(results.filter { $0.failure is Refusal }.count == 1)
        let payloads = try database.read { try $0.jobs(JobFilter(), limit: 20) }.compactMap(\.payload).compactMap(
            Int.init)
        #expect(payloads.sorted() == [0, 1, 2, 3, 5, 6, 7, 8, 9])
    }

    @Test("A full disk fails everyone in the batch, leaves nothing half done, and heals when there is room again")
    func fullDisk() throws {
        let fixture = try TemporaryDatabase()
        let (database, now) = (fixture.database, fixture.clock.now())
        _ = try database.write { try $0.enqueue(Self.job(-1, at: now)) }
        try limitPages(of: database, to: 80)
        let before = try fixture.dump()

        let results = try Batch(database).run([
            Self.enqueue(0, at: now), Self.fill(at: now), Self.enqueue(1, at: now),
        ])
        for result in results {
            let error = try #require(result.failure as? StoreError)
            #expect(error.sentence.contains("full"), "\(error)")
        }
        #expect(try fixture.dump() == before)

        try limitPages(of: database, to: 100_000)
        let again = try Batch(database).run([Self.enqueue(2, at: now), Self.enqueue(3, at: now)])
        #expect(again.allSatisfy { $0.failure == nil })
        #expect(try fixture.shell("PRAGMA integrity_check; SELECT payload FROM job ORDER BY id;") == "ok\n-1\n2\n3")
    }

    @Test("A body that swallows the error of a full disk is told that nothing was written")
    func swallowedError() throws {
        let fixture = try TemporaryDatabase()
        let (database, now) = (fixture.database, fixture.clock.now())
        try limitPages(of: database, to: 80)
        #expect(throws: StoreError.self) { try database.write { _ = try? Self.fill(at: now)($0) } }
        #expect(try database.read { try $0.auditEvents(AuditFilter(), limit: 5) }.isEmpty)
    }

    @Test("After close a write is refused with a sentence, and reading still works")
    func closed() throws {
        let fixture = try TemporaryDatabase()
        let now = fixture.clock.now()
        let id = try fixture.database.write { try $0.enqueue(Self.job(7, at: now)) }
        fixture.database.close()
        let error = #expect(throws: StoreError.self) {
            try fixture.database.write { try $0.enqueue(Self.job(8, at: now)) }
        }
        #expect(error?.sentence == "The service is shutting down; please try again.")
        #expect(try fixture.database.read { try $0.job(id: id)?.payload } == "7")
    }

    @Test("Closing finishes the writes that were handed in")
    func closingDrains() throws {
        let fixture = try TemporaryDatabase()
        let (database, now) = (fixture.database, fixture.clock.now())
        let results = try Batch(database).run((0..<20).map { Self.enqueue($0, at: now) }) {
            Thread.detachNewThread { database.close() }
        }
        #expect(results.allSatisfy { $0.failure == nil })
        #expect(try database.read { try $0.jobs(JobFilter(), limit: 99) }.count == 20)
    }

    @Test("Listeners hear of a commit that made jobs ready, after it, and of no other")
    func listeners() throws {
        let fixture = try TemporaryDatabase()
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

    private func limitPages(of database: Database, to pages: Int) throws {
        try database.write { try ($0 as? StoreTransaction)?.connection.execute("PRAGMA max_page_count = \(pages)") }
    }
}

extension Result {
    var failure: Failure? {
        switch self {
        case .success: nil
        case .failure(let failure): failure
        }
    }
}
