import Domain
import Foundation
import Store
import Support
import Testing
import Threading

/// Servers die, stand still and lose their standby. What is acknowledged is kept, and nobody waits for long.
@Suite("Server failures", .serialized)
struct ServerFailureTests {
    private let pair: PostgreSQLPair
    private let now = FixedClock().now()

    init() throws { pair = try PostgreSQLPair() }

    private func open(patience: Duration? = nil) throws -> Database {
        let server = PostgreSQLServer(name: pair.url, parameters: [("dbname", pair.url)])
        return try Database(PostgreSQLEngine(server), clock: FixedClock(), patience: patience)
    }

    private func enqueue(_ payload: String, in database: Database) throws {
        let job = NewJob(kind: "mail-test", payload: payload, createdAt: now)
        _ = try database.write { try $0.enqueue(job) }
    }

    private func payloads(_ database: Database) throws -> [String?] {
        try database.read { try $0.jobs(JobFilter(), limit: 100) }.map(\.payload).sorted { ($0 ?? "") < ($1 ?? "") }
    }

    /// How long it takes until the store says that it cannot.
    private func refusal(_ body: () throws -> Void) throws -> Duration {
        let start = ContinuousClock.now
        do { try body() } catch is StoreError { return ContinuousClock.now - start }
        throw SupportFailure("the store could")
    }

    @Test("A commit whose wait for the standby somebody ended is not acknowledged: the standby may not have it")
    func endedWait() throws {
        let database = try open()
        defer { database.close() }
        try enqueue("kept", in: database)
        try pair.standby.kill()
        let answers = try inParallel(2) { number -> Bool in
            if number == 0 { return (try? enqueue("unheard", in: database)) != nil }
            let ended = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
            try Eventually.holds("somebody ends the wait") { try pair.psql(ended) == "t" }
            return false
        }
        #expect(!answers[0])
        // The primary has it; who takes its place has not.
        #expect(try pair.psql("SELECT count(*) FROM job") == "2")
        try pair.primary.kill()
        try pair.standby.start()
        try pair.promote()
        try Eventually.holds("a new primary is found") { (try? payloads(database)) == ["kept"] }
        try enqueue("new", in: database)
        #expect(try payloads(database) == ["kept", "new"])
    }

    @Test(
        "A primary that stands still is given up within seconds, who comes later is told at once, and all goes on by itself"
    )
    func hang() throws {
        let database = try open()
        defer { database.close() }
        try enqueue("kept", in: database)
        #expect(try payloads(database) == ["kept"])
        pair.primary.freeze()
        // The writer must find an end, whatever comes of this.
        defer { pair.primary.thaw() }
        let first = try inParallel(12) { number in
            try refusal { if number < 2 { try enqueue("unheard", in: database) } else { _ = try payloads(database) } }
        }
        #expect(first.allSatisfy { $0 < .seconds(8) }, "\(first)")
        // One of them may be the one that tries.
        let later = try inParallel(8) { _ in try refusal { _ = try payloads(database) } }
        #expect(later.sorted()[6] < .seconds(1), "\(later)")
        pair.primary.thaw()
        try Eventually.holds("the primary is found again", timeout: .seconds(10)) {
            (try? enqueue("new", in: database)) != nil
        }
        #expect(try payloads(database).filter { $0 != "unheard" } == ["kept", "new"])
    }

    @Test("Behind a commit that waits for a lost standby nobody waits longer than is of use, and it is made once")
    func lostStandby() throws {
        let database = try open(patience: .seconds(1))
        defer { database.close() }
        pair.standby.freeze()
        let first = try refusal { try enqueue("late", in: database) }
        #expect(first < .seconds(3))
        // The next may still come a moment too early to know.
        #expect(throws: StoreError.self) { try enqueue("refused", in: database) }
        let later = try refusal { try enqueue("refused", in: database) }
        #expect(later < .milliseconds(500))
        // Reading waits for no standby.
        #expect(try payloads(database).isEmpty)
        pair.standby.thaw()
        try Eventually.holds("writing goes on", timeout: .seconds(10)) {
            (try? enqueue("new", in: database)) != nil
        }
        #expect(try payloads(database) == ["late", "new"])
    }

    @Test("The clock of the server that takes over is measured at once")
    func clock() throws {
        let database = try open()
        defer { database.close() }
        try enqueue("kept", in: database)
        let before = database.clockOffset.seconds
        for node in [pair.primary, pair.standby] { try node.kill() }
        try pair.standby.start(environment: FakeTime.daysAhead(1))
        try pair.promote()
        try Eventually.holds("a new primary is found", timeout: .seconds(20)) {
            (try? enqueue("new", in: database)) != nil
        }
        try Eventually.holds("its clock is known: \(database.clockOffset.seconds - before) s further") {
            (86_000...86_500).contains(database.clockOffset.seconds - before)
        }
    }

    @Test("A write that loses its connection leaves nothing, not even by those of its statements that come after")
    func lostConnection() throws {
        let database = try open()
        defer { database.close() }
        let (pair, now) = (pair, now)
        #expect(throws: StoreError.self) {
            try database.write { transaction in
                _ = try transaction.enqueue(NewJob(kind: "mail-test", payload: "before", createdAt: now))
                try pair.psql(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle in transaction'")
                for payload in ["during", "after"] {
                    _ = try? transaction.enqueue(NewJob(kind: "mail-test", payload: payload, createdAt: now))
                }
            }
        }
        #expect(try payloads(database).isEmpty)
        try enqueue("new", in: database)
        #expect(try payloads(database) == ["new"])
    }

    @Test("A write whose turn does not come in time leaves the writer fit for the next")
    func noTurn() throws {
        let database = try open()
        defer { database.close() }
        try enqueue("before", in: database)
        let url = pair.url
        // The lock of all writers.
        let sql = "SELECT pg_advisory_lock(\(0x70_75_6c_69_68)), pg_sleep(600)"
        let holder = try Subprocess("psql", ["-X", "-q", "-d", url, "-c", sql])
        try Eventually.holds("somebody else has the lock") {
            try pair.psql("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted") == "1"
        }
        let answers = try inParallel(2) { number -> Bool in
            if number == 0 { return (try? enqueue("in vain", in: database)) != nil }
            let ended = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'advisory'"
            try Eventually.holds("somebody ends the wait") { try pair.psql(ended) == "t" }
            return false
        }
        #expect(!answers[0])
        try pair.psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'")
        try holder.waitForExit()
        try enqueue("new", in: database)
        #expect(try payloads(database) == ["before", "new"])
    }
}
