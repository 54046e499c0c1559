import Foundation
import Glibc
import Support
import Testing

/// What keeps PostgreSQL from sweeping up dead rows, as `pulih check` and the metrics tell it.
@Suite
struct PostgreSQLVacuumTests {
    private typealias Scene = PostgreSQLCheckScene

    /// A session that has run this and then says nothing more.
    private func hold(_ sql: String, at url: String) throws -> Subprocess {
        let session = try Subprocess(
            "psql", ["-X", "-q", "-A", "-t", "-d", url, "-f", "-"], environment: ["PGAPPNAME": "report"],
            input: "\(sql); SELECT 'it is held';\n\\! exec tail --pid=$PPID -f /dev/null\n")
        try session.waitForLine { $0.contains("it is held") }
        return session
    }

    private func finding(_ scene: Scene, user: String = "pulih") throws -> Scene.Finding {
        try #require(try scene.check(scene.url(user: user)).first { $0.part == "database vacuum" })
    }

    @Test(
        "An open transaction is told with user, program, process and time; what may not be seen, with the right it takes"
    )
    func transaction() throws {
        let scene = try Scene()
        try scene.peer.psql("pulih", "CREATE ROLE guest LOGIN; CREATE ROLE ani LOGIN; CREATE TABLE note (text text)")
        try scene.peer.psql("pulih", "GRANT USAGE, CREATE ON SCHEMA public TO guest; GRANT ALL ON note TO ani")
        #expect(try finding(scene).told == "nothing keeps dead rows from being swept up")
        let right =
            "; what sessions of other users do, and since when, may be seen after GRANT pg_read_all_stats TO guest"
        #expect(try finding(scene, user: "guest").told == "nothing keeps dead rows from being swept up\(right)")

        let session = try hold("BEGIN; INSERT INTO note VALUES ('x')", at: scene.url(user: "ani"))
        let pid = try scene.peer.psql("pulih", "SELECT pid FROM pg_stat_activity WHERE usename = 'ani'").trimmed
        let whole =
            #"^dead rows are held back by a transaction of user ani \(report, process \#(pid), idle in transaction\) "#
            + #"for \d+ s, since 20\d\d-\d\d-\d\dT[0-9:.]+Z$"#
        let told = try finding(scene)
        #expect(told.ok)
        #expect(told.told.contains(try Regex(whole)), "\(told.told)")
        let hidden = "dead rows are held back by a transaction of user ani (report, process \(pid))\(right)"
        #expect(try finding(scene, user: "guest") == Scene.Finding(part: "database vacuum", ok: true, told: hidden))
        try scene.peer.psql("postgres", "GRANT pg_read_all_stats TO guest")
        let seen = try finding(scene, user: "guest").told
        #expect(seen.contains(try Regex(whole)), "the cure helps: \(seen)")
        session.signal(SIGKILL)
    }

    @Test("What has been open for more than five minutes is a fault, and its cure helps")
    func fault() throws {
        let scene = try Scene(settings: ["max_prepared_transactions = 5"], hasMovingClock: true)
        let session = try hold("BEGIN; CREATE TABLE note (text text)", at: scene.url())
        let pid = try scene.peer.psql("pulih", "SELECT pid FROM pg_stat_activity WHERE application_name = 'report'")
            .trimmed
        #expect(try finding(scene).ok)
        try scene.moveClock(seconds: 301)
        let open = try scene.fault(scene.url())
        #expect(
            open.told.contains(
                try Regex(
                    #"^Dead rows are not swept up, so that the queue's tables swell: they are held back by a transaction of "#
                        + #"user pulih \(report, process \#(pid), idle in transaction\) for 3\d\d s, since \S+Z\. "#)),
            "\(open.told)")
        let cures = [
            "SELECT pg_terminate_backend(\(pid))", "ALTER ROLE pulih SET idle_in_transaction_session_timeout = '5min'",
        ]
        for cure in cures {
            #expect(open.told.contains(cure))
            try scene.peer.psql("pulih", cure)
        }
        try Eventually.holds("it is over") { try finding(scene).told == "nothing keeps dead rows from being swept up" }
        _ = session

        try scene.peer.psql("pulih", "BEGIN; CREATE TABLE note (text text); PREPARE TRANSACTION 'it''s forgotten'")
        #expect(try finding(scene).ok)
        try scene.moveClock(seconds: 620)
        let prepared = try scene.fault(scene.url()).told
        #expect(prepared.contains("the transaction 'it''s forgotten' that user pulih prepared for 3"), "\(prepared)")
        let end = "ROLLBACK PREPARED 'it''s forgotten'"
        #expect(prepared.hasSuffix("In database pulih: COMMIT PREPARED 'it''s forgotten', or \(end)."), "\(prepared)")
        try scene.peer.psql("pulih", end)
        #expect(try finding(scene).told == "nothing keeps dead rows from being swept up")
    }

    @Test("A standby that looks at old rows, and a slot whose standby is away")
    func standby() throws {
        let scene = try Scene(
            settings: [
                "hot_standby_feedback = on", "wal_receiver_status_interval = 1", "primary_slot_name = 'db2'",
                "max_standby_streaming_delay = -1",
            ])
        try scene.peer.psql("postgres", "SELECT pg_create_physical_replication_slot('db2')")
        try scene.peer.psql("pulih", "CREATE TABLE note (text text)")
        let standby = try PostgreSQLStandby(of: scene.peer, named: "db2")
        func told(_ words: String) throws -> Scene.Finding {
            try Eventually.value("the check tells: \(words)", timeout: .seconds(30)) {
                try scene.peer.psql("pulih", "INSERT INTO note VALUES ('x')")
                let told = try finding(scene)
                return told.told.contains(words) ? told : nil
            }
        }
        let session = try hold(
            "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1", at: scene.url(port: standby.port))
        let asked = try told("dead rows are held back by questions at the standby of slot db2")
        #expect(asked.ok)
        session.signal(SIGKILL)
        _ = try told("nothing keeps dead rows")
        // Of a transaction here the standby's word says nothing new.
        let own = try hold("BEGIN; INSERT INTO note VALUES ('x')", at: scene.url())
        let word = try told("held back by a transaction of user pulih")
        #expect(word.ok)
        own.signal(SIGKILL)
        try standby.stop()
        let away = try told("they are held back by replication slot db2, whose standby is away")
        #expect(!away.ok)
        let cure = "SELECT pg_drop_replication_slot('db2')"
        #expect(away.told.hasSuffix("Start it, or where it does not come back: \(cure)."), "\(away.told)")
        try scene.peer.psql("postgres", cure)
        #expect(try finding(scene).told == "nothing keeps dead rows from being swept up")
    }

    @Test("/metrics tells how old it is, and how many rows are dead")
    func metrics() throws {
        let installation = try Installation(on: .postgreSQL)
        let worker = try installation.start("worker")
        func value(_ name: String) throws -> Double? {
            let text = try HTTPClient(port: installation.operations.number).get("/metrics").text
            let line = text.split(separator: "\n").first { $0.hasPrefix("\(name) ") }
            return line.flatMap { Double($0.split(separator: " ")[1]) }
        }
        let held = #"pulih_db_vacuum_held_seconds{holder="transaction"}"#
        #expect(try #require(try value(held)) < 1)
        let session = try hold(
            "BEGIN; INSERT INTO job (kind, state) VALUES ('other', 'held')", at: installation.databaseURL())
        try Eventually.holds("its age is told", timeout: .seconds(20)) { try value(held) ?? 0 > 3 }
        session.signal(SIGKILL)
        try Eventually.holds("it is over") { try value(held) ?? .infinity < 1 }
        for name in ["pulih_db_job_live_rows", "pulih_db_job_dead_rows"] { #expect(try value(name) != nil, "\(name)") }
        try worker.stop(timeout: .seconds(20))
    }
}
