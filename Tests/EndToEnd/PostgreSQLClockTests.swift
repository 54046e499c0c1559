import Foundation
import Support
import Testing

/// Machines whose clocks differ, before one PostgreSQL.
@Suite
struct PostgreSQLClockTests {
    /// Of nobody who is known.
    private static let request = #"{"user_id": "nobody", "email": "nobody@example.org", "user_type": "penyedia"}"#

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
        #expect(metrics.contains(try Regex(#"\npulih_db_clock_offset_seconds -8(6400|6399)\.\d+\n"#)))
        #expect(try installation.succeed("queue", "status").contains(try Regex(#"Workers .*: heartbeat \d+ s ago"#)))
    }

    @Test("What another program enqueues is taken at once by a worker whose clock is a day behind")
    func behind() throws {
        let installation = try Installation(on: .postgreSQL)
        let worker = try installation.start("worker", environment: FakeTime.daysAgo(1))
        #expect(worker.transcript.contains("event=clock.off"))
        try installation.execute("INSERT INTO job (kind, payload) VALUES ('reset-request', '\(Self.request)')")
        #expect(try installation.waitForJob(in: "done", of: worker).outcome == "refused")
    }

    /// How far a time in the database lies ahead of the database's clock.
    private func seconds(_ column: String, _ table: String, in installation: Installation) throws -> Double? {
        let text = try installation.execute("SELECT (\(column) - epoch_milliseconds()) / 1000.0 FROM \(table)")
        return text.split(separator: "\n").first.flatMap { Double($0) }
    }
}
