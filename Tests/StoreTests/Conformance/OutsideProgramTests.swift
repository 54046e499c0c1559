import Domain
import Foundation
import Store
import Support
import Testing

/// What programs that are none of ours may write to the database, and what not.
@Suite("Programs of others on one database")
struct OutsideProgramTests {
    @Test(
        "A job of two columns is ready at once, created now, and claimed like any other", arguments: TestEngine.allCases
    )
    func twoColumns(engine: TestEngine) throws {
        let fixture = try TemporaryDatabase(on: engine)
        try fixture.execute("INSERT INTO job (kind, payload) VALUES ('reset-request', '{\"user_id\": \"budi\"}');")
        let now = fixture.clock.now()
        let claimed = try fixture.database.write {
            try $0.claim(limit: 5, at: now, leaseUntil: now + .seconds(30), worker: "w")
        }
        let job = try #require(claimed.first)
        #expect(claimed.count == 1)
        #expect(job.kind == "reset-request")
        #expect(job.payload == #"{"user_id": "budi"}"#)
        #expect((job.token, job.attempts, job.unknowns) == (1, 1, 0))
        #expect(job.createdAt == job.runAt)
        #expect(abs(Double(job.createdAt.milliseconds) / 1_000 - Date().timeIntervalSince1970) <= 60)
    }

    @Test(
        "What an outside program must not write is refused by the schema", arguments: TestEngine.allCases,
        [
            "INSERT INTO job (payload) VALUES ('{}');",
            "INSERT INTO job (kind, state) VALUES ('mail-test', 'finished');",
            "INSERT INTO job (kind, state) VALUES ('mail-test', 'running');",
            "INSERT INTO job (kind, lease_until) VALUES ('mail-test', 5);",
            "INSERT INTO audit_event (id, at, name, actor, subject, detail) VALUES (1, 1, 'x', 'x', 'x', 'x'); DELETE FROM audit_event;",
            "INSERT INTO audit_event (id, at, name, actor, subject, detail) VALUES (1, 1, 'x', 'x', 'x', 'x'); UPDATE audit_event SET at = 2;",
        ])
    func refused(engine: TestEngine, sql: String) throws {
        let fixture = try TemporaryDatabase(on: engine)
        let failure = try #require(throws: SupportFailure.self) { try fixture.execute(sql) }
        // By the schema, and not because the statement is no SQL.
        #expect(["constraint", "append-only"].contains { failure.description.contains($0) }, "\(failure)")
    }

    @Test("Nothing is lost when two of ours and an outside program write at once", arguments: TestEngine.allCases)
    func threeWriters(engine: TestEngine) throws {
        let fixture = try TemporaryDatabase(on: engine)
        let other = try fixture.another()
        defer { other.close() }
        let now = fixture.clock.now()
        let outside = (1...50).map {
            "INSERT INTO job (kind, payload) VALUES ('reset-request', '{\"outside\": \($0)}');"
        }
        let ids = try inParallel(5) { thread -> [Int64] in
            if thread == 4 {
                try fixture.execute(outside.joined(separator: "\n"))
                return []
            }
            return try (0..<50).map { number in
                try (thread % 2 == 0 ? fixture.database : other).write {
                    try $0.enqueue(NewJob(kind: "mail-test", payload: "\(number)", createdAt: now))
                }
            }
        }.flatMap { $0 }
        #expect(Set(ids).count == 200)
        // Either of ours sees what all have written.
        for database in [fixture.database, other] {
            let jobs = try database.read { try $0.jobs(JobFilter(), limit: 1_000) }
            #expect(Set(ids).isSubset(of: jobs.map(\.id)))
            #expect(jobs.count == 250)
        }
    }
}
