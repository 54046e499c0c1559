import Domain
import Store
import Support
import Testing

@Suite("Reading")
struct ReadingTests {
    @Test("One reading sees one picture, whatever is committed meanwhile", arguments: TestEngine.allCases)
    func snapshot(engine: TestEngine) throws {
        let fixture = try TemporaryDatabase(on: engine)
        let (database, now) = (fixture.database, fixture.clock.now())
        let counts = try database.read { transaction in
            let before = try transaction.jobs(JobFilter(), limit: 9).count
            _ = try database.write { try $0.enqueue(NewJob(kind: "mail-test", payload: "", createdAt: now)) }
            return try (
                before, transaction.jobs(JobFilter(), limit: 9).count,
                database.read { try $0.jobs(JobFilter(), limit: 9).count }
            )
        }
        #expect(counts == (0, 0, 1))
    }

    @Test("A reading can change nothing, even when it is taken for a writing", arguments: TestEngine.allCases)
    func readOnly(engine: TestEngine) throws {
        let fixture = try TemporaryDatabase(on: engine)
        let now = fixture.clock.now()
        #expect(throws: StoreError.self) {
            try fixture.database.read { transaction in
                try (transaction as? any WriteTransaction)?.recordRateLimitHit(from: "192.0.2.1", at: now)
            }
        }
        #expect(try fixture.database.read { try $0.rateLimitHits(from: "192.0.2.1", since: now) } == 0)
    }

    @Test("Jobs are found by what their reason holds, to the letter but for its case", arguments: TestEngine.allCases)
    func reasons(engine: TestEngine) throws {
        let fixture = try TemporaryDatabase(on: engine)
        let reasons = ["100% full", "100% Empty", "a_b", "c\\d", "it''s", nil]
        for (index, reason) in reasons.enumerated() {
            try fixture.execute(
                """
                INSERT INTO job (id, kind, payload, reason)
                VALUES (\(index + 1), 'reset-request', '{}', \(reason.map { "'\($0)'" } ?? "NULL"))
                """)
        }
        let found: [String: [Int64]] = [
            "100% full": [1], "100% FULL": [1], "100%": [1, 2], "%": [1, 2], "_": [3], "\\": [4], "'": [5], "a_b": [3],
            "c\\d": [4], "%%": [], "100_": [], "full%": [], "\0": [], "100% full\0": [], "": [1, 2, 3, 4, 5],
            String(repeating: "%", count: 60_000): [],
        ]
        for (text, ids) in found {
            var filter = JobFilter()
            filter.reason = text
            let jobs = try fixture.database.read { try $0.jobs(filter, limit: 9) }
            #expect(jobs.map(\.id).reversed() == ids, "\(text.prefix(20))")
        }
    }

    @Test("What one process of ours has committed, another sees at once", arguments: TestEngine.allCases)
    func otherProcess(engine: TestEngine) throws {
        let fixture = try TemporaryDatabase(on: engine)
        let other = try fixture.another()
        defer { other.close() }
        let now = fixture.clock.now()
        let id = try fixture.database.write {
            try $0.enqueue(NewJob(kind: "mail-test", payload: "kept", createdAt: now))
        }
        #expect(try other.read { try $0.job(id: id)?.payload } == "kept")
        #expect(try other.write { try $0.change(job: id, .hold, at: now) })
        #expect(try fixture.database.read { try $0.job(id: id)?.state } == .held)
    }
}
