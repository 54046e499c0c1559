import Domain
import Glibc
import Store
import Support
import Testing

/// What keeps PostgreSQL from sweeping up dead rows is told by its age, whoever does it and whatever the user may see.
@Suite("Vacuum")
struct VacuumTests {
    private let peer: PostgreSQLPeer

    init() throws {
        peer = try PostgreSQLPeer(settings: PostgreSQLPeer.fast + ["max_prepared_transactions = 5"])
        try peer.psql("postgres", "CREATE ROLE app LOGIN; CREATE ROLE ani LOGIN; CREATE DATABASE pulih OWNER app")
        try peer.psql(
            "pulih", "CREATE TABLE note (text text); GRANT ALL ON note TO ani; GRANT USAGE ON SCHEMA public TO ani")
    }

    private func url(_ user: String, _ database: String = "pulih") -> String {
        peer.url(database).replacing("pulih@", with: "\(user)@")
    }

    /// - Parameter user: who the store's connections belong to.
    private func open(_ user: String) throws -> Database {
        try Database(
            PostgreSQLEngine(PostgreSQLServer(name: "the server", parameters: [("dbname", url(user))])),
            clock: FixedClock())
    }

    /// A session that has run this and then says nothing more.
    private func hold(_ sql: String, by user: String = "ani", in database: String = "pulih") throws -> Subprocess {
        let session = try Subprocess(
            "psql", ["-X", "-q", "-A", "-t", "-d", url(user, database), "-f", "-"],
            input: "\(sql); SELECT 'it is held';\n\\! exec tail --pid=$PPID -f /dev/null\n")
        try session.waitForLine { $0.contains("it is held") }
        return session
    }

    private func held(_ holder: VacuumMetrics.Holder, _ database: Database) throws -> Double? {
        try #require(database.metrics.vacuum).held[holder]?.seconds
    }

    @Test(
        "A transaction that is open is told by its age until it ends, one of another user too",
        arguments: ["pulih", "app"])
    func open(user: String) throws {
        let database = try open(user)
        defer { database.close() }
        #expect(try held(.transaction, database) == nil)
        for begin in ["BEGIN; INSERT INTO note VALUES ('x')", "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1"] {
            let session = try hold(begin)
            // Others go on, which is what makes it matter.
            try peer.psql("pulih", "INSERT INTO note VALUES ('y')")
            let first = try #require(try held(.transaction, database), "\(begin)")
            try Eventually.holds("it grows older", timeout: .seconds(20)) {
                try held(.transaction, database) ?? 0 >= first + 2
            }
            let age = try #require(try held(.transaction, database))
            #expect(age < first + 20)
            session.signal(SIGKILL)
            try Eventually.holds("it is over") { try held(.transaction, database) == nil }
        }
    }

    @Test("Since when other users have it open is told to whom the right to see it is granted")
    func granted() throws {
        let session = try hold("BEGIN; INSERT INTO note VALUES ('x')")
        defer { session.signal(SIGKILL) }
        let start =
            "SELECT extract(epoch FROM clock_timestamp() - xact_start) > 2 FROM pg_stat_activity WHERE usename = 'ani'"
        try Eventually.holds("it is some seconds old") { try peer.psql("pulih", start).hasPrefix("t") }
        let database = try open("app")
        defer { database.close() }
        #expect(try #require(try held(.transaction, database)) < 2, "since it was first seen")
        try peer.psql("postgres", "GRANT pg_read_all_stats TO app")
        #expect(try #require(try held(.transaction, database)) >= 2, "since it began")
    }

    @Test("What holds nothing back is not told: who has asked and is idle, who looks at another database, who is new")
    func harmless() throws {
        let sessions = [
            try hold("BEGIN; SELECT 1"), try hold("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1", in: "postgres"),
        ]
        defer { for session in sessions { session.signal(SIGKILL) } }
        try peer.psql("pulih", "INSERT INTO note VALUES ('y')")
        let database = try open("pulih")
        defer { database.close() }
        let vacuum = try #require(database.metrics.vacuum)
        #expect(vacuum.held.isEmpty, "\(vacuum.held)")
    }

    @Test("A transaction that was prepared and forgotten")
    func prepared() throws {
        try peer.psql("pulih", "BEGIN; INSERT INTO note VALUES ('x'); PREPARE TRANSACTION 'forgotten'")
        let database = try open("app")
        defer { database.close() }
        try Eventually.holds("it grows older") { try held(.prepared, database) ?? 0 > 1 }
        #expect(try held(.transaction, database) == nil)
        try peer.psql("pulih", "COMMIT PREPARED 'forgotten'")
        #expect(try held(.prepared, database) == nil)
    }

    @Test("Live and dead rows of the queue: dead ones stay while somebody holds them, and go afterwards")
    func rows() throws {
        let database = try open("app")
        defer { database.close() }
        let session = try hold("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1")
        try peer.psql(
            "pulih",
            "INSERT INTO job (kind) SELECT 'other' FROM generate_series(1, 500); UPDATE job SET payload = 'x'"
        )
        try Eventually.holds("the server has counted, and sweeps none of it up", timeout: .seconds(20)) {
            try peer.psql("pulih", "VACUUM job")
            let vacuum = try #require(database.metrics.vacuum)
            return vacuum.liveJobs == 500 && vacuum.deadJobs == 500
        }
        session.signal(SIGKILL)
        try Eventually.holds("they are swept up") {
            try peer.psql("pulih", "VACUUM job")
            return try #require(database.metrics.vacuum).deadJobs == 0
        }
    }
}
