import Domain
import Store
import Support
import Testing

/// What operators do to jobs: guarded by state, by filter as by id, and audited in the same transaction.
@Suite("Changes by operators")
struct JobAdministrationTests {
    private let fixture: TemporaryDatabase
    private var database: Database { fixture.database }
    private var now: Instant { fixture.clock.now() }
    private let actor = Operator(name: "operator:test", address: nil)

    init() throws { fixture = try TemporaryDatabase() }

    private struct Refused: Error {}

    /// Jobs that are dead, oldest first.
    private func makeDead(_ count: Int, kind: String = "reset-request", reason: String = "no") throws -> [Int64] {
        let now = now
        return try database.write { transaction in
            let ids = try (0..<count).map { _ in
                try transaction.enqueue(NewJob(kind: kind, payload: "{}", createdAt: now))
            }
            for job in try transaction.claim(limit: count, at: now, leaseUntil: now + .seconds(60), worker: "w") {
                let settlement = Settlement.dead(outcome: .rejected, reason: reason)
                _ = try transaction.settle(job.claim, settlement, attempt: nil, at: now)
            }
            return ids
        }
    }

    private func change(_ filter: JobFilter, _ change: JobChange, limit: Int) throws -> Int {
        let (now, actor) = (now, actor)
        return try database.write {
            try JobAdministration.change(filter, change, limit: limit, in: $0, at: now, by: actor, why: "because")
        }
    }

    private func change(_ id: Int64, _ change: JobChange) throws -> JobAdministration.Result {
        let (now, actor) = (now, actor)
        return try database.write {
            try JobAdministration.change(id, change, in: $0, at: now, by: actor, why: "because")
        }
    }

    private func events() throws -> [AuditRecord] {
        try database.read { try $0.auditEvents(after: 0, limit: 1000) }
    }

    private func states() throws -> [JobState: Int] {
        let counts = try database.read { try $0.queueCounts() }
        return Dictionary(counts.map { ($0.state, $0.count) }, uniquingKeysWith: +)
    }

    @Test("A change by filter meets the jobs that fit and no others, and audits each with who and why")
    func byFilter() throws {
        let chosen = try makeDead(3, reason: "550 No such MAILBOX")
        _ = try makeDead(2, reason: "552 too large")
        _ = try makeDead(1, kind: "reset-notice", reason: "550 no such mailbox")
        var filter = JobFilter(kind: "reset-request")
        filter.reason = "such mailbox"
        #expect(try database.read { try JobAdministration.count(filter, .retry, in: $0) } == 3)
        #expect(try change(filter, .retry, limit: 100) == 3)
        #expect(try states() == [.ready: 3, .dead: 3])
        let events = try events()
        #expect(Set(events.map(\.subject)) == Set(chosen.map { "job:\($0)" }))
        #expect(events.allSatisfy { $0.name == "queue_job_retried" && $0.actor == "operator:test" })
        #expect(events.allSatisfy { $0.detail == "was dead; because" })
    }

    @Test("No more than the limit is changed at once; what is left is the oldest")
    func limit() throws {
        let ids = try makeDead(5)
        #expect(try change(JobFilter(), .discard, limit: 2) == 2)
        let left = try database.read { try $0.jobs(JobFilter(state: .dead), limit: 10) }
        #expect(left.map(\.id) == ids.prefix(3).reversed())
    }

    @Test("A sweep in small batches meets every job once, and one that cannot be changed does not stop it")
    func sweep() throws {
        _ = try makeDead(4)
        let erased = try makeDead(3)
        try fixture.execute("UPDATE job SET payload = NULL WHERE id >= \(erased[0])")
        let (now, actor) = (now, actor)
        let sweep = try database.write { transaction in
            var sweep = BulkJobChange(JobFilter(), .retry)
            var steps = 0
            while !sweep.isFinished {
                try sweep.step(limit: 2, in: transaction, at: now, by: actor, why: "")
                steps += 1
                if steps > 20 { throw Refused() }
            }
            return sweep
        }
        #expect(sweep.changed == 4)
        #expect(sweep.refused == 3)
        #expect(try states() == [.ready: 4, .dead: 3])
        #expect(try events().count == 4, "what was refused is no event")
    }

    @Test("When the transaction fails, neither the change nor its event is left")
    func together() throws {
        let id = try makeDead(1)[0]
        let (now, actor) = (now, actor)
        #expect(throws: Refused.self) {
            try database.write { transaction -> Void in
                _ = try JobAdministration.change(id, .retry, in: transaction, at: now, by: actor, why: "")
                throw Refused()
            }
        }
        #expect(try states() == [.dead: 1])
        #expect(try events().isEmpty)
    }

    @Test("A change starts from its own states alone; elsewhere it tells the state and leaves no event")
    func guarded() throws {
        let id = try makeDead(1)[0]
        #expect(try change(id, .hold) == .conflict(.dead))
        #expect(try change(id, .release) == .conflict(.dead))
        #expect(try change(id + 1, .retry) == .unknown)
        #expect(try events().isEmpty)
        #expect(try change(id, .discard) == .done(from: .dead))
        #expect(try change(id, .retry) == .conflict(.discarded))
        #expect(try change(id, .discard) == .conflict(.discarded))
        #expect(try events().map(\.detail) == ["was dead; because"])
    }

    @Test("Held and released: the job keeps its content and is claimed again")
    func holding() throws {
        let now = now
        let id = try database.write { try $0.enqueue(NewJob(kind: "mail-test", payload: "{}", createdAt: now)) }
        #expect(try change(id, .hold) == .done(from: .ready))
        #expect(try states() == [.held: 1])
        let counts = try database.read { try JobAdministration.counts(JobFilter(), .release, in: $0) }
        #expect(counts.map(\.state) == [.held])
        #expect(counts.map(\.count) == [1])
        #expect(try change(JobFilter(state: .held), .release, limit: 5) == 1)
        #expect(try states() == [.ready: 1])
        #expect(try events().map(\.name) == ["queue_job_held", "queue_job_released"])
    }

    @Test("Pruning deletes finished jobs that are old enough, oldest first, and tells how many in the audit log")
    func pruning() throws {
        for _ in 0..<4 {
            for id in try makeDead(1) { #expect(try change(id, .discard) == .done(from: .dead)) }
            fixture.clock.advance(.hours(1))
        }
        _ = try makeDead(1)
        let (now, actor) = (now, actor)
        let before = now - .hours(2)
        func prune(_ limit: Int) throws -> Int {
            try database.write {
                try JobAdministration.prune(
                    finishedBefore: before, limit: limit, in: $0, at: now, by: actor, why: "full")
            }
        }
        #expect(try database.read { try $0.countJobs(finishedBefore: before) } == 2)
        #expect(try prune(1) == 1)
        #expect(try database.read { try $0.jobs(JobFilter(state: .discarded), limit: 9) }.count == 3)
        #expect(try prune(10) == 1)
        #expect(try prune(10) == 0)
        #expect(try states() == [.discarded: 2, .dead: 1], "what is not finished stays, however old")
        let pruned = try events().filter { $0.name == "queue_pruned" }
        #expect(pruned.map(\.subject) == ["queue", "queue"], "nothing deleted is no event")
        #expect(pruned[0].detail == "1 jobs finished before 2026-11-23 10:00:00 UTC; full")
    }
}
