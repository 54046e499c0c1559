import Foundation
import Support
import Testing

/// Machines whose clocks differ, before one PostgreSQL.
@Suite
struct PostgreSQLClockTests {
    @Test(
        "A worker whose clock is a day ahead claims, settles and reports by the database's, and tells of the difference"
    )
    func worker() throws {
        let installation = try Installation(settings: #"worker: { lease: "60 s" },"#, on: .postgreSQL)
        try installation.mail.follow([.delay(.seconds(3), at: .body, times: 1)])
        let worker = try installation.start("worker", environment: FakeTime.daysAhead(1))
        let warnings = worker.lines.filter { $0.text.contains("event=clock.off") }
        #expect(warnings.count == 1)
        #expect(
            warnings.first?.text.contains(
                try Regex(#"level=warning .*seconds=-8(6400|6399)\.\d+ .*behind this machine's"#)) == true)

        // The portal's clock is right: what it signs is checked on the other machine.
        let portal = try installation.start("portal")
        #expect(!portal.transcript.contains("clock.off"))
        #expect(try installation.ask(for: Installation.budi).status == 303)
        let left = try Eventually.value("the job runs", timeout: .seconds(20)) {
            try seconds("lease_until", "job WHERE state = 'running'", in: installation)
        }
        #expect(left > 30 && left <= 60, "the lease ends in \(left) s")
        _ = try installation.resetMail(to: Installation.budi)
        let done = try installation.waitForJob(in: "done", of: worker)
        #expect(done.outcome == "mailed")
        for (column, table) in [
            ("created_at", "job"), ("claimed_at", "job"), ("finished_at", "job"), ("started_at", "attempt"),
            ("heartbeat_at", "worker"), ("opened_at", "reset_request"), ("max(at)", "audit_event"),
        ] {
            let age = try #require(try seconds(column, table, in: installation))
            #expect(abs(age) < 60, "\(column) of \(table): \(age) s")
        }
        let metrics = try HTTPClient(port: installation.operations.number).get("/metrics").text
        #expect(metrics.contains(try Regex(#"\npulih_db_clock_offset_seconds -8(6400|6399)(\.\d+)?\n"#)))
        #expect(try installation.succeed("queue", "status").contains(try Regex(#"Workers .*: heartbeat \d+ s ago"#)))
    }

    @Test("A worker whose clock is a day ahead takes no job from another, whose lease has not lapsed")
    func leases() throws {
        let installation = try Installation(on: .postgreSQL)
        try installation.mail.follow([.delay(.seconds(5), at: .body, times: 1)])
        let right = try installation.start("worker")
        try installation.execute(
            "INSERT INTO job (kind, payload) VALUES ('mail-test', '{\"to\": \"person@example.org\"}')")
        try Eventually.holds("the job runs") {
            try installation.execute("SELECT count(*) FROM job WHERE state = 'running'") == "1"
        }
        let other = try FreePort()
        let copy = try installation.folder.read("pulih.json5").replacingOccurrences(
            of: "127.0.0.1:\(installation.operations.number)", with: "127.0.0.1:\(other.number)")
        let file = try installation.folder.write(copy, to: "ahead.json5")
        let ahead = try installation.start("worker", configuration: file, environment: FakeTime.daysAhead(1))
        #expect(ahead.transcript.contains("event=clock.off"))
        let done = try installation.waitForJob("mail-test", in: "done", of: right)
        #expect(done.attempts == 1)
        #expect(installation.mail.messages.count == 1)
    }

    /// How far a time in the database lies ahead of the database's clock.
    private func seconds(_ column: String, _ table: String, in installation: Installation) throws -> Double? {
        let text = try installation.execute("SELECT (\(column) - epoch_milliseconds()) / 1000.0 FROM \(table)")
        return text.split(separator: "\n").first.flatMap { Double($0) }
    }
}
