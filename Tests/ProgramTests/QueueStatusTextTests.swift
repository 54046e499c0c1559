import Domain
import Operations
import Store
import Support
import Testing

@testable import Program

/// What `pulih queue status` says: whether mail goes out comes first, then what to do, then the numbers.
@Suite
struct QueueStatusTextTests {
    private let fixture: TemporaryDatabase

    init() throws { fixture = try TemporaryDatabase() }

    private func write(_ body: @escaping @Sendable (any WriteTransaction, Instant) throws -> Void) throws {
        let now = fixture.clock.now()
        try fixture.database.write { try body($0, now) }
    }

    private func page() throws -> String {
        let now = fixture.clock.now()
        let report = try fixture.database.read { try QueueReport(of: $0, at: now) }
        let time = LocalTimeFormatter(language: .english, zone: .utc)
        return QueueStatusText(report: report, time: time, width: 100) { "pulih \($0)" }.page
    }

    private func lines() throws -> [String] { try page().split(separator: "\n").map(String.init) }

    private func worker(relay: String = "closed", reason: String = "", busy: Int = 0) throws {
        try write { transaction, now in
            try transaction.recordHeartbeat(
                WorkerHeartbeat(
                    id: "otp1:4711", startedAt: now, heartbeatAt: now, relay: relay, relayReason: reason, lanes: 4,
                    busy: busy,
                    relays: [
                        .init(
                            name: "relay.test:25", state: .init(rawValue: relay) ?? .closed, reason: reason,
                            busy: busy)
                    ]))
        }
    }

    private func workerReports(_ relays: WorkerHeartbeat.Relay...) throws {
        try write { transaction, now in
            try transaction.recordHeartbeat(
                WorkerHeartbeat(
                    id: "otp1:4711", startedAt: now, heartbeatAt: now, relay: "closed", relayReason: "", lanes: 4,
                    busy: 2, relays: relays))
        }
    }

    @Test("A relay that stands in for another, and a token that cannot be renewed")
    func severalRelays() throws {
        let end = fixture.clock.now() + .minutes(4)
        try workerReports(
            .init(name: "relay.test:25", state: .open, reason: "relay.test:25 said: connection refused."),
            .init(
                name: "provider", state: .closed, busy: 2, waiting: 1,
                token: RelayToken(endsAt: end, failure: "The secret has ended: make a new one.")))
        let page = try page()
        #expect(
            try lines().prefix(7) == [
                "All mail is out: nothing waits.",
                "  - relay.test:25 takes no mail, other relays do: relay.test:25 said: connection refused.",
                "      pulih check --smtp",
                "  - There is no new token for provider: The secret has ended: make a new one. The present one ends",
                "    in 4 min.", "      pulih check --smtp", "The queue is empty.",
            ], "\(page)")
        #expect(
            page.contains(
                "  Relays     relay.test:25: paused\n             provider: takes mail, 2 lanes send (1 wait for an answer)\n"
            ), "\(page)")
    }

    private func enqueue(_ count: Int, _ kind: String = "reset-request") throws {
        try write { transaction, now in
            for _ in 0..<count { try transaction.enqueue(NewJob(kind: kind, payload: "{}", createdAt: now)) }
        }
    }

    @Test("The whole page, when mail goes out")
    func whole() throws {
        try enqueue(4)
        fixture.clock.advance(.seconds(2))
        try write { transaction, now in
            let jobs = try transaction.claim(limit: 3, at: now, leaseUntil: now + .minutes(1), worker: "otp1:4711")
            let attempt = Attempt(
                number: 1, startedAt: now, seconds: 0.02, stage: "body", code: 250, outcome: .delivered, reply: "Ok",
                reusedConnection: false, worker: "otp1:4711", relay: "relay.test:25")
            let settlement = Settlement.done(outcome: .mailed, reason: "Ok")
            for job in jobs.dropFirst() { _ = try transaction.settle(job.claim, settlement, attempt: attempt, at: now) }
        }
        try worker(busy: 1)
        fixture.clock.advance(.seconds(3))
        #expect(
            try page() == """
                Mail is going out: 1 job is ready (the oldest for 5 s), 1 in flight.

                KIND           SCHEDULED  READY  RUNNING  HELD  DONE  DEAD  DISCARDED  OLDEST READY
                reset-request          -      1        1     -     2     -          -           5 s

                  Last hour  4 arrived, 2 mailed, 2.0 a minute now
                  Wait       p50 1.8 s, p95 2.4 s, p99 2.5 s, from arrival to the first attempt
                  Run        p50 18 ms, p95 25 ms, p99 25 ms, from connecting to the relay's answer
                  Ready      1 urgent (the oldest for 5 s)
                  In flight  1 job, the oldest claimed 3 s ago
                  Relay      relay.test:25: takes mail, 1 lane sends, 2.0 a minute
                  Workers    otp1:4711: heartbeat 3 s ago, 1 of 4 lanes busy
                """)
    }

    @Test("A database that cannot be written comes before anything else")
    func unwritable() throws {
        try worker()
        let now = fixture.clock.now()
        let report = try fixture.database.read {
            try QueueReport(of: $0, at: now, databaseProblem: "The disk that holds pulih.db is full.")
        }
        let time = LocalTimeFormatter(language: .english, zone: .utc)
        let page = QueueStatusText(report: report, time: time, width: 100) { "pulih \($0)" }.page
        #expect(page.hasPrefix("No mail can go out, and no request is accepted: the database cannot be written."))
        #expect(page.contains("The disk that holds pulih.db is full."))
        #expect(!page.contains("All mail is out"))
    }

    @Test("Nothing to do")
    func quiet() throws {
        try worker()
        #expect(try lines()[0] == "All mail is out: nothing waits.")
        #expect(try lines()[1] == "The queue is empty.")
    }

    @Test("No worker: nothing goes out, and how to start one")
    func noWorker() throws {
        try enqueue(2)
        try worker()
        fixture.clock.advance(.minutes(3))
        #expect(
            try lines().prefix(3) == [
                "No mail is going out: 2 jobs are ready (the oldest for 3 min).",
                "  - No worker is running on this database; the last was heard of 3 min ago.",
                "      pulih worker",
            ])
        #expect(try page().contains("otp1:4711: silent, heartbeat 3 min ago"))
    }

    @Test("A relay that takes no mail: its words and the command that looks closer")
    func relay() throws {
        try enqueue(1)
        try worker(relay: "open", reason: "relay:587 cannot be reached (Connection refused): check host and port.")
        #expect(
            try lines().prefix(4) == [
                "No mail is going out: 1 job is ready (the oldest for 0 s).",
                "  - The relay takes no mail: relay:587 cannot be reached (Connection refused): check host and port.",
                "      pulih check --smtp",
                "KIND           SCHEDULED  READY  RUNNING  HELD  DONE  DEAD  DISCARDED  OLDEST READY",
            ])
    }

    @Test("Pauses: of everything nothing goes out, of one kind the rest does; each with who, since when and why")
    func paused() throws {
        try worker()
        try enqueue(1)
        let actor = Operator(name: "operator:sari", address: nil)
        try write { transaction, now in
            _ = try JobAdministration.pause(lane: "mail-test", in: transaction, at: now, by: actor, why: "")
        }
        #expect(
            try lines().prefix(3) == [
                "Mail is going out: 1 job is ready (the oldest for 0 s).",
                "  - mail-test is paused by operator:sari since 2026-11-23 08:00:00 UTC (0 s).",
                "      pulih queue resume mail-test",
            ])
        try write { transaction, now in
            _ = try JobAdministration.pause(
                lane: PausedKind.everything, in: transaction, at: now, by: actor, why: "upgrade")
        }
        #expect(
            try lines().prefix(3) == [
                "No mail is going out: 1 job is ready (the oldest for 0 s).",
                "  - Everything is paused by operator:sari since 2026-11-23 08:00:00 UTC (0 s): upgrade.",
                "      pulih queue resume all",
            ])
    }

    @Test("Late mail is told with the likely cause; dead and held jobs with where to look")
    func late() throws {
        try enqueue(3)
        try write { transaction, now in
            let ids = try transaction.jobs(JobFilter(), limit: 3).map(\.id)
            _ = try transaction.change(job: ids[0], .hold, at: now)
            let job = try transaction.claim(limit: 1, at: now, leaseUntil: now + .minutes(1), worker: "w")[0]
            _ = try transaction.settle(job.claim, .dead(outcome: .rejected, reason: "no"), attempt: nil, at: now)
        }
        fixture.clock.advance(.minutes(4))
        try worker(busy: 4)
        #expect(
            try lines().prefix(7) == [
                "Mail is going out late: 1 job is ready (the oldest for 4 min).",
                "  - The oldest ready job has waited for 4 min; every lane is busy: the relay is slow, or",
                "    worker.lanes is too small.", "      pulih queue list --state ready --older-than \"1 min\"",
                "  - 1 job is dead: it was given up.", "      pulih queue list --state dead",
                "  - 1 job is held back by an operator.",
            ])
    }

    @Test("What another program wrote cannot command the terminal")
    func foreign() throws {
        let evil = "evil\u{1B}[2J\nkind"
        try enqueue(1, evil)
        try write { transaction, now in
            _ = try transaction.pause(PausedKind(kind: PausedKind.everything, at: now, by: evil, why: evil))
        }
        let attempt = Attempt(
            number: 1, startedAt: fixture.clock.now(), seconds: 1, stage: evil, code: nil, outcome: .unknown,
            reply: evil, reusedConnection: false, worker: evil)
        let row = try fixture.database.read { transaction in
            try JobWithUserID(#require(try transaction.job(id: 1)), in: transaction)
        }
        let job = JobText.page(
            row, [attempt], at: fixture.clock.now(), LocalTimeFormatter(language: .english, zone: .utc), width: 100)
        for text in [try page(), job] {
            #expect(!text.contains("\u{1B}"))
            #expect(text.contains("evil\u{FFFD}[2J\u{FFFD}kind"))
        }
    }
}
