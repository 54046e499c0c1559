import Domain
import Foundation
import HTTPServer
import SQL
import Store
import Support
import Testing

struct MetricsTests {
    /// What the text format allows in a line.
    private func isWellFormed(_ line: Substring) -> Bool {
        let name = "[a-zA-Z_:][a-zA-Z0-9_:]*", label = #"[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*""#
        let sample = "\(name)(\\{\(label)(,\(label))*\\})? -?[0-9]+(\\.[0-9]+)?(e[+-]?[0-9]+)?"
        let comment = "# (HELP \(name) .+|TYPE \(name) (gauge|counter|histogram))"
        return String(line).range(of: "^(\(sample)|\(comment))$", options: .regularExpression) != nil
    }

    private func metrics(_ fixture: OperationsFixture) throws -> String {
        let response = try fixture.send(.get, "/metrics")
        #expect(response.status == 200)
        #expect(response.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8")
        return response.text
    }

    private func expect(_ lines: [String], in text: String, _ location: SourceLocation = #_sourceLocation) {
        for line in lines { #expect(text.contains("\n\(line)\n"), "\(line)", sourceLocation: location) }
    }

    @Test func theNumbersAreThoseOfTheQueue() throws {
        let fixture = try OperationsFixture()
        try fixture.report("worker-1", ago: 7)
        _ = try fixture.enqueueDead()
        try fixture.enqueue(ago: 12)
        try fixture.enqueue(ago: 5, kind: "mail-test")
        expect(
            [
                #"pulih_queue_jobs{kind="reset-request",state="ready"} 1"#,
                #"pulih_queue_jobs{kind="reset-request",state="dead"} 1"#,
                #"pulih_queue_jobs{kind="reset-notice",state="done"} 0"#,
                #"pulih_queue_oldest_ready_age_seconds{kind="reset-request"} 12"#,
                #"pulih_queue_oldest_ready_age_seconds{kind="mail-test"} 5"#,
                #"pulih_queue_oldest_ready_age_seconds{kind="reset-notice"} 0"#,
                "pulih_queue_oldest_running_age_seconds 0",
                #"pulih_worker_heartbeat_timestamp_seconds{worker="worker-1"} 1794999993"#,
                "pulih_relay_paused 0", #"pulih_build_info{version="1.2.3"} 1"#,
            ], in: try metrics(fixture))
        try fixture.report("worker-1", relay: "open")
        try fixture.database.write { transaction in
            _ = try transaction.claim(
                limit: 1, at: OperationsFixture.start, leaseUntil: OperationsFixture.start + .seconds(60),
                worker: "worker-1")
        }
        fixture.clock.advance(.seconds(20))
        expect(["pulih_relay_paused 1", "pulih_queue_oldest_running_age_seconds 20"], in: try metrics(fixture))
    }

    /// A mail that the relay failed over is ready anew, at the head of the line: the others wait as long as before.
    @Test func theOldestReadyJobNeedNotBeTheFirst() throws {
        let fixture = try OperationsFixture()
        try fixture.enqueue(ago: 100)
        try fixture.enqueue(ago: 90)
        try fixture.settle(.release(until: OperationsFixture.start, reason: "connection refused"))
        try fixture.database.write { try $0.promote(at: OperationsFixture.start, limit: 9) }
        expect([#"pulih_queue_oldest_ready_age_seconds{kind="reset-request"} 90"#], in: try metrics(fixture))
    }

    @Test func whatHappenedIsCounted() throws {
        let fixture = try OperationsFixture()
        for seconds: Int64 in [0, 4, 4, 400] {
            try fixture.enqueue(ago: seconds)
            try fixture.settle(
                .done(outcome: .mailed, reason: ""), attempt: fixture.attempt(reply: "ok", stage: "recipient"))
        }
        expect(
            [
                "# TYPE pulih_job_wait_seconds histogram",
                #"pulih_job_wait_seconds_bucket{kind="reset-request",le="0.001"} 1"#,
                #"pulih_job_wait_seconds_bucket{kind="reset-request",le="2.5"} 1"#,
                #"pulih_job_wait_seconds_bucket{kind="reset-request",le="5"} 3"#,
                #"pulih_job_wait_seconds_bucket{kind="reset-request",le="300"} 3"#,
                #"pulih_job_wait_seconds_bucket{kind="reset-request",le="3600"} 4"#,
                #"pulih_job_wait_seconds_bucket{kind="reset-request",le="+Inf"} 4"#,
                #"pulih_job_wait_seconds_sum{kind="reset-request"} 408"#,
                #"pulih_job_wait_seconds_count{kind="reset-request"} 4"#,
                #"pulih_job_run_seconds_bucket{kind="reset-request",le="0.05"} 4"#,
                #"pulih_job_run_seconds_bucket{kind="reset-request",le="0.025"} 0"#,
                "# TYPE pulih_jobs_arrived_total counter",
                #"pulih_jobs_arrived_total{kind="reset-request"} 4"#,
                #"pulih_jobs_finished_total{kind="reset-request",outcome="mailed"} 4"#,
                #"pulih_smtp_replies_total{stage="recipient",class="5xx"} 4"#,
                #"pulih_smtp_connections_total{reused="true"} 4"#, #"pulih_smtp_connections_total{reused="false"} 0"#,
            ], in: try metrics(fixture))
    }

    @Test func troublesAreCountedEachUnderItsName() throws {
        let fixture = try OperationsFixture()
        try fixture.enqueue()
        try fixture.settle(.retry(at: fixture.clock.now(), reason: "", unknown: false))
        try fixture.enqueue()
        try fixture.settle(
            .retry(at: fixture.clock.now(), reason: "", unknown: true),
            attempt: Attempt(
                number: 1, startedAt: fixture.clock.now(), seconds: 1, stage: "body", code: nil, outcome: .unknown,
                reply: "", reusedConnection: false, worker: "worker-1"))
        try fixture.enqueue()
        let job = try #require(
            try fixture.database.write { transaction in
                try transaction.claim(
                    limit: 1, at: OperationsFixture.start, leaseUntil: OperationsFixture.start, worker: "worker-1"
                ).first
            })
        try fixture.database.write { transaction in
            _ = try transaction.rescueExpired(at: OperationsFixture.start, limit: 9) { _ in .seconds(0) }
            _ = try transaction.settle(
                job.claim, .done(outcome: .mailed, reason: ""), attempt: nil, at: OperationsFixture.start)
        }
        expect(
            [
                #"pulih_job_retries_total{reason="temporary"} 1"#, #"pulih_job_retries_total{reason="unknown"} 1"#,
                "pulih_smtp_ambiguous_total 1", #"pulih_smtp_replies_total{stage="body",class="none"} 1"#,
                "pulih_lease_expired_total 1", "pulih_fenced_writes_total 1",
            ], in: try metrics(fixture))
    }

    @Test func lanesThatAnOperatorPausedAreTold() throws {
        let fixture = try OperationsFixture()
        let lanes = ["reset-request", "invented", PausedKind.everything]
        for lane in lanes {
            _ = try fixture.database.write {
                try $0.pause(PausedKind(kind: lane, at: OperationsFixture.start, by: "budi", why: "relay moves"))
            }
        }
        expect(
            [
                #"pulih_lane_paused{kind="reset-request"} 1"#, #"pulih_lane_paused{kind="reset-notice"} 0"#,
                #"pulih_lane_paused{kind="other"} 1"#, #"pulih_lane_paused{kind="*"} 1"#,
            ], in: try metrics(fixture))
    }

    @Test func theDatabaseTellsOfItsFilesAndCommits() throws {
        let fixture = try OperationsFixture()
        try fixture.enqueue()
        let text = try metrics(fixture)
        #expect(text.contains(/\npulih_db_bytes\{file="database"\} [1-9]/))
        #expect(text.contains(/\npulih_db_bytes\{file="log"\} [1-9]/))
        #expect(text.contains(/\npulih_db_commit_seconds_count [1-9]/))
        #expect(text.contains("\npulih_db_clock_offset_seconds 0\n"))
    }

    @Test func aServerTellsHowItKeepsUpWithDeadRowsAndAFileHasNone() throws {
        #expect(try !metrics(OperationsFixture()).contains("vacuum"))
        let vacuum = VacuumMetrics(
            held: [.transaction: .milliseconds(12_500), .slot: .seconds(400)], liveJobs: 70, deadJobs: 9)
        let text = try metrics(OperationsFixture(vacuum: vacuum))
        expect(
            [
                #"pulih_db_vacuum_held_seconds{holder="transaction"} 12.5"#,
                #"pulih_db_vacuum_held_seconds{holder="prepared"} 0"#,
                #"pulih_db_vacuum_held_seconds{holder="standby"} 0"#,
                #"pulih_db_vacuum_held_seconds{holder="slot"} 400"#,
                "pulih_db_job_live_rows 70", "pulih_db_job_dead_rows 9",
            ], in: text)
    }

    @Test func whatOtherProgramsInventIsOneKind() throws {
        let fixture = try OperationsFixture()
        let before = try series(of: metrics(fixture))
        for number in 0..<50 { try fixture.enqueue(ago: Int64(number), kind: "invented-\(number)") }
        let text = try metrics(fixture)
        #expect(try series(of: text) == before)
        expect(
            [
                #"pulih_queue_jobs{kind="other",state="ready"} 50"#, #"pulih_jobs_arrived_total{kind="other"} 50"#,
                #"pulih_queue_oldest_ready_age_seconds{kind="other"} 49"#,
            ], in: text)
    }

    @Test func everySeriesIsThereFromTheStartAndOnce() throws {
        let fixture = try OperationsFixture()
        try fixture.report()
        let before = try series(of: metrics(fixture))
        _ = try fixture.enqueueDead()
        try fixture.enqueue()
        try fixture.settle(.done(outcome: .mailed, reason: ""), attempt: fixture.attempt(reply: "ok", stage: "body"))
        #expect(try series(of: metrics(fixture)) == before)
        #expect(Set(before).count == before.count)
        #expect(before.count > 400 && before.count < 800)
    }

    @Test func aWorkerThatDiesAgainAndAgainIsNoEndlessList() throws {
        let fixture = try OperationsFixture()
        for number in 1...50 { try fixture.report("worker-\(number)", ago: Int64(100 - number)) }
        let workers = try series(of: metrics(fixture)).filter { $0.contains("heartbeat") }
        #expect(workers.count == 20)
        #expect(workers.first?.contains("worker-50") == true)
    }

    private func series(of text: String) throws -> [Substring] {
        text.split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap { $0.split(separator: " ").first }
    }

    private static let names = ["plain", #"quote " and \ back"#, "line\nbreak", "é{}=,", ""]

    @Test func everyLineIsWellFormedWhateverTheLabelsHold() throws {
        let fixture = try OperationsFixture()
        for name in Self.names {
            try fixture.report(name)
            try fixture.enqueue(kind: name)
        }
        let text = try metrics(fixture)
        #expect(text.hasSuffix("\n"))
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            #expect(isWellFormed(line), "\(line)")
        }
        #expect(text.contains(#"{worker="quote \" and \\ back"} "#))
        #expect(text.contains(#"{worker="line\nbreak"} "#))
    }

    @Test func prometheusTakesIt() throws {
        let fixture = try OperationsFixture()
        for name in Self.names { try fixture.report(name) }
        try Subprocess.output(of: "promtool", ["check", "metrics"], input: try metrics(fixture))
    }

    /// Depth is read from the indices of what is unfinished, counters from sums: neither grows with history.
    @Test func aLongHistoryDoesNotSlowTheScrapeDown() throws {
        let fixture = try OperationsFixture()
        try fixture.sql(
            """
            WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 200000)
            INSERT INTO job (kind, state, outcome, created_at, run_at, finished_at)
            SELECT 'reset-request', 'done', 'mailed', $1 - n, $1 - n, $1 - n FROM number
            """, [.integer(OperationsFixture.start.milliseconds)])
        try fixture.sql(
            """
            WITH RECURSIVE slot(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM slot WHERE n < 312),
                label(l) AS (SELECT 1 UNION ALL SELECT l + 1 FROM label WHERE l < 350)
            INSERT INTO tally (slot, name, kind, label, count, total)
            SELECT ($1 / 300000 - n) * 300000, 'waited', 'reset-request', 'l' || l, 1, 1 FROM slot, label
            """, [.integer(OperationsFixture.start.milliseconds)])
        let times = try (0..<9).map { _ in
            let start = ContinuousClock.now
            _ = try metrics(fixture)
            return ContinuousClock.now - start
        }
        #expect(times.sorted()[4] < .milliseconds(50), "\(times)")
    }
}
