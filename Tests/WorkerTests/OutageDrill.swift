import Domain
import Operations
import Support
import Worker

/// Relays that fail for a while, told second by second on a clock that the drill moves: a real worker on a real store, and
/// what `/metrics` tells at each minute.
///
/// Five minutes are calm; then requests of 5,000 people come in evenly for an hour.
final class OutageDrill: Sendable {
    static let requests = 5_000
    static let lanes = 4
    static let begin: Int64 = 5 * 60
    static let end: Int64 = 65 * 60
    static let length: Int64 = 110 * 60

    /// What a relay does within a second.
    enum RelayState: Sendable {
        case down
        case takes(Int)
    }

    /// What the relays do, the preferred one first.
    typealias Plan = @Sendable (_ second: Int64) -> [RelayState]

    struct Record: Sendable {
        /// Every request as it stands at the end, oldest first.
        let jobs: [Job]
        /// By relay, the preferred one first.
        let attempts: [[DrillRelay.Attempt]]
        let mostInHand: Int
        /// What `/metrics` tells, minute by minute.
        let samples: [String]
        let start: Instant

        /// Seconds since the drill began.
        func second(_ instant: Instant) -> Int64 { (instant - start).milliseconds / 1000 }
    }

    private let scene: WorkerScene
    private let plan: Plan
    private let relays: [DrillRelay]
    private let clock: ObservedClock
    private let store: ObservedStore

    static func run(_ plan: @escaping Plan) throws -> Record { try OutageDrill(plan).run() }

    private init(_ plan: @escaping Plan) throws {
        self.plan = plan
        let scene = try WorkerScene()
        self.scene = scene
        clock = ObservedClock(scene.clock)
        relays = plan(0).map { _ in DrillRelay(clock: scene.clock) }
        store = ObservedStore(scene.scene.store)
        try scene.scene.store.write { transaction in
            for number in 0..<Self.requests {
                guard let id = UserID("user\(number)"), let email = EmailAddress("user\(number)@example.org") else {
                    throw SupportFailure("there is no user \(number)")
                }
                let account = try transaction.insert(
                    NewAccount(
                        userID: id, userType: "penyedia", email: email, language: .indonesian, passwordHash: nil),
                    at: Instant(milliseconds: 0))
                try transaction.setSecret(
                    account: account, sealed: [1, 2, 3], isWeak: false, generation: 1, parameters: .standard,
                    state: .active)
            }
        }
    }

    private func run() throws -> Record {
        let start = scene.clock.now()
        let equipment = relays.enumerated().map { place, relay in
            Worker.Equipment.Relay(name: "relay-\(place + 1)") { relay }
        }
        let worker = try scene.start(lanes: Self.lanes, store: store, relays: equipment, clock: clock)
        defer {
            for relay in relays { relay.take(Self.requests) }
            worker.stop()
        }
        var samples: [String] = []
        var asked = 0
        for second in 0...Self.length {
            scene.clock.set(start + .seconds(second))
            let due = Int(max(0, min(second, Self.end) - Self.begin)) * Self.requests / Int(Self.end - Self.begin)
            try ask(asked..<due)
            asked = due
            for (relay, state) in zip(relays, plan(second)) {
                switch state {
                case .down: relay.fail()
                case .takes(let mails): relay.take(mails)
                }
            }
            try rest(worker)
            if second % 60 == 0 {
                samples.append(try Metrics(of: store, at: scene.clock.now(), version: "1").text)
            }
        }
        let jobs = try scene.store.read { try $0.jobs(JobFilter(), limit: Self.requests + 1) }
        return Record(
            jobs: jobs.reversed(), attempts: relays.map(\.attempts),
            mostInHand: relays.map(\.mostInHand).max() ?? 0, samples: samples, start: start)
    }

    /// These people ask for a reset, as the portal queues it.
    private func ask(_ people: Range<Int>) throws {
        guard !people.isEmpty else { return }
        let payloads = people.map { scene.scene.payload("user\($0)") }
        let now = scene.clock.now()
        try scene.scene.store.write { transaction in
            for payload in payloads { try transaction.enqueue(try NewJob(.resetRequest, payload: payload, at: now)) }
        }
    }

    /// Returns once the worker has done all there is to do at this moment: it went round its loop without writing, and
    /// what it has claimed waits for the relay.
    private func rest(_ worker: Worker) throws {
        while true {
            let before = store.writes
            // One look can be the end of the round that was under way, the next the beginning of a whole one.
            for _ in 0..<3 { try clock.waitForLook { worker.wake() } }
            let running = try store.read { try $0.countJobs(JobFilter(state: .running)) }
            if store.writes == before && relays.reduce(0, { $0 + $1.waiting }) == min(running, Self.lanes) { return }
        }
    }
}
