import Domain
import PostgreSQL
import SQL
import Support
import Testing

@testable import Store

/// While any transaction is open PostgreSQL keeps every version of every row. What is done for a mail must not walk over them.
@Suite("Transactions that stay open on PostgreSQL")
struct OpenTransactionTests {
    private static let now = Instant(milliseconds: 1_000_000_000)
    private static let job = NewJob(kind: "mail-test", payload: "{}", createdAt: now)
    private let server: PostgreSQLFixture
    private let fixture: TemporaryDatabase

    init() throws {
        server = try PostgreSQLFixture()
        fixture = try TemporaryDatabase(in: server, clock: FixedClock())
    }

    /// A connection of another program.
    private func connect() throws -> PostgreSQLConnection { try PostgreSQLConnection([("dbname", server.url)]) }

    /// Enqueues, claims and settles so many jobs, as workers do.
    private func work(_ count: Int) throws {
        try fixture.database.write { transaction in
            for _ in 0..<count { _ = try transaction.enqueue(Self.job) }
        }
        let jobs = try claim(count)
        #expect(jobs.count == count)
        let attempt = Attempt(
            number: 1, startedAt: Self.now, seconds: 0.1, stage: "data-end", code: 250, outcome: .delivered,
            reply: "Ok",
            reusedConnection: false, worker: "w", relay: nil)
        try fixture.database.write { transaction in
            for job in jobs {
                _ = try transaction.settle(
                    job.claim, .done(outcome: .mailed, reason: ""), attempt: attempt, at: Self.now)
            }
        }
    }

    private func claim(_ limit: Int) throws -> [Job] {
        try fixture.database.write { transaction in
            #expect(try transaction.hasWork(at: Self.now))
            return try transaction.claim(
                limit: limit, at: Self.now, leaseUntil: Self.now + .seconds(30), worker: "w")
        }
    }

    /// Pages of tables and indices that the server has looked at so far.
    private func pages() throws -> Int {
        try fixture.database.write { transaction in
            let session = try #require(transaction as? StoreTransaction)
            try session.connection.run("SELECT pg_stat_force_next_flush()")
        }
        let sum = try fixture.execute(
            """
            SELECT sum(coalesce(heap_blks_hit + heap_blks_read, 0) + coalesce(idx_blks_hit + idx_blks_read, 0))
            FROM pg_statio_user_tables
            """)
        return try #require(Int(sum))
    }

    /// Pages looked at for one mail.
    private func pagesOfOne() throws -> Int {
        let before = try pages()
        for _ in 0..<20 { try work(1) }
        return (try pages() - before) / 20
    }

    @Test("A mail costs no more after thousands of others, though a transaction has been open since before them")
    func flat() throws {
        try fixture.execute("ALTER TABLE job SET (autovacuum_enabled = off)")
        try work(100)
        // As autovacuum would, at a moment when nothing runs.
        try fixture.execute("ANALYZE")
        let calm = try pagesOfOne()
        let holder = try connect()
        try holder.execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1")
        for _ in 0..<40 { try work(100) }
        let held = try pagesOfOne()
        #expect(held < calm * 3 / 2, "\(calm) pages before, \(held) after")
        try holder.execute("COMMIT")
    }

    @Test("However a job becomes ready behind those that were claimed, it is claimed next")
    func floor() throws {
        try work(20)
        try work(1)
        let first = try #require(try fixture.execute("SELECT min(id) FROM job").wholeMatch(of: /\d+/)).output
        let again = "state = 'ready', payload = '{}', outcome = NULL, finished_at = NULL"
        // By hand, of a kind that there was not.
        try fixture.execute("UPDATE job SET kind = 'strange', \(again) WHERE id = \(first)")
        #expect(try claim(5).map { "\($0.id)" } == ["\(first)"])
        // With a number of its own.
        try fixture.execute("DELETE FROM job WHERE id = \(first)")
        try fixture.execute("INSERT INTO job (id, kind) VALUES (\(first), 'mail-test')")
        #expect(try claim(5).map { "\($0.id)" } == ["\(first)"])
    }

    @Test("A job whose transaction commits late is claimed, though younger ones were before it")
    func late() throws {
        try work(20)
        let other = try connect()
        try other.execute("BEGIN; INSERT INTO job (kind, payload) VALUES ('mail-test', 'late')")
        for _ in 0..<3 { try work(20) }
        try other.execute("COMMIT")
        #expect(try claim(5).map(\.payload) == ["late"])
    }

    @Test("A kind that was kept back is claimed when it no longer is")
    func resumed() throws {
        try fixture.execute("INSERT INTO job (kind, payload) VALUES ('reset-notice', 'kept back')")
        let pause = PausedKind(kind: "reset-notice", at: Self.now, by: "x", why: "x")
        #expect(try fixture.database.write { try $0.pause(pause) })
        for _ in 0..<3 { try work(20) }
        #expect(try fixture.database.write { try $0.resume(lane: "reset-notice") })
        #expect(try claim(5).map(\.payload) == ["kept back"])
    }

    @Test("What nothing told of, as where a backup was restored, is found at the next heartbeat")
    func restored() throws {
        try work(20)
        try fixture.execute("INSERT INTO job (kind, payload) VALUES ('mail-test', 'forgotten')")
        try fixture.execute("SELECT setval('ready_floor', 1000000)")
        let heartbeat = WorkerHeartbeat(
            id: "w", startedAt: Self.now, heartbeatAt: Self.now, relay: "closed", relayReason: "", lanes: 1, busy: 0)
        try fixture.database.write { try $0.recordHeartbeat(heartbeat) }
        #expect(try claim(5).map(\.payload) == ["forgotten"])
    }

    @Test("A program of others needs no right but to insert jobs")
    func rights() throws {
        try fixture.execute(
            """
            DROP ROLE IF EXISTS enqueuer; CREATE ROLE enqueuer; GRANT INSERT (kind, payload) ON job TO enqueuer;
            SET ROLE enqueuer; INSERT INTO job (kind, payload) VALUES ('mail-test', 'brought');
            RESET ROLE; REVOKE ALL ON job FROM enqueuer; DROP ROLE enqueuer
            """)
        #expect(try claim(5).map(\.payload) == ["brought"])
    }
}
