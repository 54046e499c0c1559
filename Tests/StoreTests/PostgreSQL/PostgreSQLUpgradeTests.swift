import Domain
import PostgreSQL
import SQL
import Support
import Testing

@testable import Store

/// Databases that an earlier version made.
@Suite("Upgrades on PostgreSQL")
struct PostgreSQLUpgradeTests {
    @Test(
        "What was counted and what was ready before each of these migrations counts on and is claimed",
        arguments: ["tally-deltas", "ready-floor", "one-arrival-trigger"])
    func floor(first missing: String) throws {
        let server = try PostgreSQLFixture()
        let earlier = try PostgreSQLConnection([("dbname", server.url)])
        try #require(PostgreSQLMigrations.all.contains { $0.name == missing })
        try earlier.migrate(Array(PostgreSQLMigrations.all.prefix { $0.name != missing }), now: 0)
        // Two that no heartbeat has summed up, one of them of a kind of somebody's own, and one that was summed up.
        try server.execute(
            """
            INSERT INTO job (kind, payload) VALUES ('mail-test', 'summed up');
            INSERT INTO worker (id, started_at, heartbeat_at, relay, relay_reason, lanes, busy) VALUES ('w', 0, 0, '', '', 1, 0);
            INSERT INTO job (kind, payload) VALUES ('mail-test', 'not yet');
            INSERT INTO job (kind, payload) VALUES ('own', 'not yet either')
            """)
        let fixture = try TemporaryDatabase(in: server, clock: FixedClock())
        try server.execute("INSERT INTO job (kind, payload) VALUES ('mail-test', 'afterwards')")
        let arrived = try fixture.database.read { try $0.totals() }.filter { $0.name == .arrived }
        #expect(Dictionary(uniqueKeysWithValues: arrived.map { ($0.kind, $0.count) }) == ["mail-test": 3, "own": 1])
        let now = fixture.clock.now()
        let claimed = try fixture.database.write {
            try $0.claim(limit: 5, at: now, leaseUntil: now + .seconds(30), worker: "w")
        }
        #expect(Set(claimed.map(\.payload)) == ["summed up", "not yet", "not yet either", "afterwards"])
    }
}
