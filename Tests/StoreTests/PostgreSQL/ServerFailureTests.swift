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

    private func time(_ body: () -> Void) -> Duration { ContinuousClock().measure(body) }

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
        let times = try inParallel(12) { number in
            time {
                #expect(throws: StoreError.self) {
                    if number < 2 { try enqueue("unheard", in: database) } else { _ = try payloads(database) }
                }
            }
        }
        #expect(times.allSatisfy { $0 < .seconds(8) }, "\(times)")
        // One of them may be the one that tries.
        let later = try inParallel(8) { _ in time { #expect(throws: StoreError.self) { try payloads(database) } } }
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
        let first = time { #expect(throws: StoreError.self) { try enqueue("late", in: database) } }
        #expect(first < .seconds(3))
        // The next may still come a moment too early to know.
        #expect(throws: StoreError.self) { try enqueue("refused", in: database) }
        let later = time { #expect(throws: StoreError.self) { try enqueue("refused", in: database) } }
        #expect(later < .milliseconds(500))
        // Reading waits for no standby.
        #expect(try payloads(database).isEmpty)
        pair.standby.thaw()
        try Eventually.holds("writing goes on", timeout: .seconds(10)) {
            (try? enqueue("new", in: database)) != nil
        }
        #expect(try payloads(database) == ["late", "new"])
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
}
