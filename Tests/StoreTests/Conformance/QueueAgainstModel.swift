import Domain
import Foundation
import Store
import Support

/// Does the same random things to the queue and to the model, and tells where they differ.
struct QueueAgainstModel {
    private static let kinds = ["reset-request", "reset-notice", "nobody-knows"]
    /// Few rows meet each other often, and every step looks at all of them.
    private static let mostRows = 16

    private let fixture: TemporaryDatabase
    private var model = QueueModel()
    private var claims: [Claim] = []
    private var random: SeededRandom
    private var step = 0

    init(on engine: TestEngine, seed: UInt64) throws {
        fixture = try TemporaryDatabase(on: engine)
        random = SeededRandom(seed)
    }

    struct Difference: Error, CustomStringConvertible {
        let description: String
    }

    /// - Throws: `Difference`, at the first step after which the two are not equal.
    mutating func run(steps: Int) throws {
        for number in 1...steps {
            step = number
            let operation = try operate()
            try compare(after: operation)
        }
    }

    private var now: Instant { fixture.clock.now() }

    private func pick<Element>(_ elements: [Element]) -> Element? {
        elements.isEmpty ? nil : elements[random.below(elements.count)]
    }

    private func differ(_ operation: String, _ what: String, _ found: Any, _ expected: Any) -> Difference {
        Difference(
            description:
                "seed \(random.seed), step \(step), after \(operation): \(what)\n  queue: \(found)\n  model: \(expected)"
        )
    }

    /// One random thing, done to both.
    /// - Returns: its name.
    private mutating func operate() throws -> String {
        if model.entries.count > Self.mostRows { return try tidy() }
        return switch random.below(20) {
        case 0...3: try enqueue()
        case 4: try insertFromOutside()
        case 5, 6: try promote()
        case 7, 8: try reap()
        case 9...11: try claim()
        case 12: try extend()
        case 13...15: try settle()
        case 16, 17: try change()
        case 18: jump()
        default: try prune()
        }
    }

    private mutating func enqueue() throws -> String {
        let delay: Int64 = pick([-1, 0, 0, 0, 1, 1_000, 60_000]) ?? 0
        let job = NewJob(
            kind: pick(Self.kinds) ?? "", payload: "{\"n\":\(step)}", createdAt: now, runAt: now + .milliseconds(delay))
        let id = try fixture.database.write { try $0.enqueue(job) }
        model.enqueue(job, id: id)
        return "enqueue in \(delay) ms"
    }

    private mutating func insertFromOutside() throws -> String {
        let (kind, payload) = (pick(Self.kinds) ?? "", "{\"outside\":\(step)}")
        let id = Int64(
            try fixture.execute("INSERT INTO job (kind, payload) VALUES ('\(kind)', '\(payload)') RETURNING id;"))
        let operation = "two-column INSERT"
        guard let id, let job = try fixture.database.read({ try $0.job(id: id) }) else {
            throw differ(operation, "the row", "none", "one")
        }
        // The database's own clock wrote these two: they must lie within the run and are taken over.
        let real = Int64(Date().timeIntervalSince1970 * 1_000)
        guard job.createdAt == job.runAt, abs(job.createdAt.milliseconds - real) < 60_000 else {
            throw differ(operation, "created and due", (job.createdAt, job.runAt), real)
        }
        model.enqueue(NewJob(kind: kind, payload: payload, createdAt: job.createdAt), id: id)
        return operation
    }

    private mutating func promote() throws -> String {
        let (now, limit) = (now, 1 + random.below(4))
        try fixture.database.write { try $0.promote(at: now, limit: limit) }
        model.promote(at: now, limit: limit)
        return "promote"
    }

    private mutating func reap() throws -> String {
        let (now, limit, delay) = (now, 1 + random.below(4), TimeSpan.milliseconds(Int64(random.below(10_000))))
        let found = try fixture.database.write { try $0.rescueExpired(at: now, limit: limit) { _ in delay } }
        let expected = model.reap(at: now, limit: limit, delay: delay)
        guard found == expected else { throw differ("reap", "how many", found, expected) }
        return "reap"
    }

    private mutating func claim() throws -> String {
        let (now, limit, worker) = (now, random.below(5), "worker-\(random.below(3))")
        let lease = now + .milliseconds(1 + Int64(random.below(20_000)))
        let found = try fixture.database.write {
            try $0.claim(limit: limit, at: now, leaseUntil: lease, worker: worker)
        }.map(QueueModel.Entry.init)
        let expected = model.claim(limit: limit, leaseUntil: lease, worker: worker)
        guard found == expected else { throw differ("claim", "what", found, expected) }
        claims += found.map(\.claim)
        return "claim \(limit)"
    }

    /// A claim of the past, most of them spent, or one that was never made.
    private func anyClaim() -> Claim {
        let running = model.entries.values.filter { $0.state == .running }.map(\.claim).sorted { $0.job < $1.job }
        let claim = random.below(3) > 0 ? pick(running) ?? pick(claims) : pick(claims)
        return claim ?? Claim(job: Int64(random.below(50)), token: Int64(random.below(3)))
    }

    private mutating func extend() throws -> String {
        let (claim, lease) = (anyClaim(), now + .milliseconds(Int64(random.below(20_000))))
        let found = try fixture.database.write { try $0.extend(claim, leaseUntil: lease) }
        let expected = model.extend(claim, leaseUntil: lease)
        guard found == expected else { throw differ("extend", "\(claim)", found, expected) }
        return "extend \(claim)"
    }

    private mutating func settle() throws -> String {
        let (claim, now, isAttempt) = (anyClaim(), now, random.below(2) == 0)
        let settlements: [Settlement] = [
            .done(outcome: .mailed, reason: "r\(step)"), .dead(outcome: .rejected, reason: "r\(step)"),
            .retry(at: now + .seconds(5), reason: "r\(step)", unknown: random.below(2) == 0),
            .release(until: random.below(2) == 0 ? nil : now + .seconds(3), reason: "r\(step)"),
        ]
        let settlement = pick(settlements) ?? settlements[0]
        let attempt = Attempt(
            number: step, startedAt: now, seconds: 0.25, stage: "data", code: 250, outcome: .delivered, reply: "ok",
            reusedConnection: true, worker: "w")
        let found = try fixture.database.write {
            try $0.settle(claim, settlement, attempt: isAttempt ? attempt : nil, at: now)
        }
        let expected = model.settle(claim, settlement, hasAttempt: isAttempt, at: now)
        let operation = "settle \(claim) as \(settlement)"
        guard found == expected else { throw differ(operation, "accepted", found, expected) }
        return operation
    }

    private mutating func change() throws -> String {
        let (id, now) = (pick(model.entries.keys.sorted()) ?? 0, now)
        let change = pick(JobChange.allCases) ?? .retry
        let found = try fixture.database.write { try $0.change(job: id, change, at: now) }
        let expected = model.change(id, change, at: now)
        guard found == expected else { throw differ("\(change) of \(id)", "accepted", found, expected) }
        return "\(change) of \(id)"
    }

    private func jump() -> String {
        let span = TimeSpan.milliseconds(Int64(pick([1, 500, 5_000, 30_000, 3_600_000]) ?? 0))
        fixture.clock.advance(span)
        return "jump by \(span.milliseconds) ms"
    }

    private mutating func prune() throws -> String {
        let (before, limit, now) = (now - .seconds(Int64(random.below(60))), 1 + random.below(30), now)
        let found = try fixture.database.write { try $0.prune(finishedBefore: before, limit: limit, at: now) }
        let expected = model.prune(finishedBefore: before, limit: limit)
        guard found == expected else { throw differ("prune", "how many", found, expected) }
        return "prune"
    }

    /// Makes room: throws everything away that may be, and prunes it.
    private mutating func tidy() throws -> String {
        let (ids, now) = (model.entries.keys.sorted(), now)
        let found = try fixture.database.write { transaction in
            for id in ids { _ = try transaction.change(job: id, .discard, at: now) }
            return try transaction.prune(finishedBefore: now + .seconds(1), limit: 1_000, at: now)
        }
        for id in ids { _ = model.change(id, .discard, at: now) }
        let expected = model.prune(finishedBefore: now + .seconds(1), limit: 1_000)
        guard found == expected else { throw differ("tidying", "how many", found, expected) }
        return "tidying"
    }

    private func compare(after operation: String) throws {
        let filter = JobFilter(
            state: random.below(4) == 0 ? nil : pick(JobState.allCases),
            kind: random.below(2) == 0 ? nil : Self.kinds[0],
            before: random.below(2) == 0 ? nil : Int64(random.below(step + 2)))
        let (now, limit, tried) = (now, 1 + random.below(10), pick(model.entries.keys.sorted()) ?? 0)
        try fixture.database.read { transaction in
            let all = try transaction.jobs(JobFilter(), limit: 10_000).map(QueueModel.Entry.init)
            let expected = model.jobs(JobFilter(), limit: 10_000)
            if let first = all.indices.first(where: { $0 >= expected.count || all[$0] != expected[$0] }) {
                throw differ(operation, "a row", all[first], first < expected.count ? expected[first] : "none")
            }
            guard all.count == expected.count else { throw differ(operation, "rows", all.count, expected.count) }
            let listed = try transaction.jobs(filter, limit: limit).map(QueueModel.Entry.init)
            guard listed == model.jobs(filter, limit: limit) else {
                throw differ(operation, "list of \(filter)", listed, model.jobs(filter, limit: limit))
            }
            let hasWork = try transaction.hasWork(at: now)
            guard hasWork == model.hasWork(at: now) else { throw differ(operation, "has work", hasWork, !hasWork) }
            let hasLapsed = try transaction.hasLapsed(at: now)
            guard hasLapsed == model.hasLapsed(at: now) else {
                throw differ(operation, "has lapsed", hasLapsed, !hasLapsed)
            }
            let oldest = try transaction.oldestReady()
            guard oldest == model.oldestReady else {
                throw differ(operation, "oldest", oldest as Any, model.oldestReady as Any)
            }
            let counts = try transaction.queueCounts()
            guard counts == model.counts else { throw differ(operation, "counts", counts, model.counts) }
            let attempts = try transaction.attempts(job: tried).count
            guard attempts == model.attempts[tried, default: 0] else {
                throw differ(operation, "attempts of \(tried)", attempts, model.attempts[tried, default: 0])
            }
        }
    }
}
