import Domain
import Support
import Testing
import Worker

@Suite("Several relays")
struct SeveralRelayTests {
    private let first = RecordingCourier(.relayFault)
    private let second = RecordingCourier(.delivered)

    private func relays(_ couriers: RecordingCourier...) -> [Worker.Equipment.Relay] {
        zip(["first", "second", "third"], couriers).map { name, courier in .init(name: name) { courier } }
    }

    private func attempts(_ scene: WorkerScene, _ job: Int64) throws -> [(String?, Delivery.Outcome)] {
        try scene.store.read { try $0.attempts(job: job).map { ($0.relay, $0.outcome) } }
    }

    @Test("A mail that the first relay fails over goes by the second at once, and its history names both")
    func fallback() throws {
        let scene = try WorkerScene()
        first.answerChecks(.relayFault)
        let job = try scene.scene.request(scene.scene.payload())
        try scene.working(relays: relays(first, second)) { _ in
            try scene.logger.settled(job, times: 2)
            #expect(try scene.scene.job(job).outcome == "mailed")
            #expect(try scene.scene.job(job).attempts == 1)
            let attempts = try attempts(scene, job)
            #expect(attempts.map(\.0) == ["first", "second"])
            #expect(attempts.map(\.1) == [.relayFault, .delivered])
            let heartbeat = try Eventually.value("the fault is reported") {
                try scene.store.read { try $0.workers().first { $0.relays.first?.state == .open } }
            }
            #expect(heartbeat.relay == "closed", "mail goes out")
            #expect(heartbeat.relays.map(\.name) == ["first", "second"])
            #expect(heartbeat.relays[0].reason == "relay.test:25 said: connection refused")
        }
        #expect(scene.logger.all("relay.paused").map { $0.fields["relay"] } == ["first"])
    }

    @Test("The first is connected to without a mail until that works; then one mail tries it, and the rest follows")
    func comeback() throws {
        let scene = try WorkerScene()
        let first = RecordingCourier(.relayFault, .delivered)
        first.answerChecks(.relayFault)
        func mail(_ name: String) throws -> Int64 {
            _ = try scene.scene.newcomer(name)
            return try scene.scene.request(scene.scene.payload(name))
        }
        try scene.working(lanes: 1, relays: relays(first, second)) { worker in
            try scene.logger.settled(try mail("a"), times: 2)
            scene.clock.advance(.seconds(2))
            worker.wake()
            try Eventually.holds("it is connected to") { first.checks == 1 }
            // The connection fails: the pause grows, and the next mail goes by the second as before.
            try scene.logger.wait(for: "relay.paused", count: 2)
            let other = try mail("b")
            worker.wake()
            try scene.logger.settled(other)
            #expect(first.mails.count == 1)
            first.answerChecks(.delivered)
            scene.clock.advance(.seconds(4))
            worker.wake()
            try Eventually.holds("it is connected to again") { first.checks == 2 }
            try Eventually.holds("mail tries it again") {
                let job = try mail("c\(first.mails.count)-\(second.mails.count)")
                worker.wake()
                try scene.logger.settled(job)
                return first.mails.count == 2
            }
            try scene.logger.wait(for: "relay.resumed")
            let last = try mail("z")
            worker.wake()
            try scene.logger.settled(last)
            #expect(first.mails.last?.recipient == "z@example.org")
        }
    }

    @Test("A mail that may be out already is sent again by the same relay, and by another only when that one is down")
    func unknown() throws {
        for isDown in [false, true] {
            let scene = try WorkerScene()
            let first = RecordingCourier(.unknown, .delivered)
            let second = RecordingCourier(.delivered)
            first.answerChecks(isDown ? .relayFault : .delivered)
            let job = try scene.scene.request(scene.scene.payload())
            try scene.working(lanes: 1, relays: relays(first, second)) { worker in
                try scene.logger.settled(job)
                #expect(try scene.scene.job(job).unknowns == 1)
                // It took a body and did not answer, so it is connected to before it gets more.
                scene.clock.advance(.seconds(2))
                worker.wake()
                try Eventually.holds("it is connected to") { first.checks >= 1 }
                if !isDown {
                    _ = try scene.scene.newcomer("other")
                    let other = try scene.scene.request(scene.scene.payload("other"))
                    worker.wake()
                    try scene.logger.settled(other)
                }
                try scene.advance(to: job)
                worker.wake()
                try scene.logger.settled(job, times: 2)
            }
            let used = try attempts(scene, job).map(\.0)
            #expect(used == ["first", isDown ? "second" : "first"])
            let sent = (first.mails + second.mails).filter { $0.recipient == first.mails[0].recipient }
            #expect(Set(sent.map(\.messageID)).count == 1)
        }
    }

    @Test("A mail at which a relay kept silent is next tried by another")
    func silent() throws {
        let scene = try WorkerScene()
        let silent = RecordingCourier(
            deliveries: { _, _ in
                Delivery(
                    outcome: .temporary, stage: "recipient", code: nil, reply: "", explanation: "no answer in 30 s",
                    seconds: 30, reusedConnection: false)
            })
        let job = try scene.scene.request(scene.scene.payload())
        try scene.working(lanes: 1, relays: relays(silent, second)) { worker in
            try scene.logger.settled(job)
            try scene.advance(to: job)
            worker.wake()
            try scene.logger.settled(job, times: 2)
        }
        #expect(try attempts(scene, job).map(\.0) == ["first", "second"])
        #expect(try scene.scene.job(job).outcome == "mailed")
    }

    @Test("With both at fault mail waits, and goes by whichever is back first")
    func bothDown() throws {
        let scene = try WorkerScene()
        let second = RecordingCourier(.relayFault, .delivered)
        first.answerChecks(.relayFault)
        let job = try scene.scene.request(scene.scene.payload())
        try scene.working(lanes: 1, relays: relays(first, second)) { worker in
            try scene.logger.settled(job, times: 2)
            #expect(try scene.scene.job(job).state == .scheduled)
            try Eventually.holds("it is mailed") {
                scene.clock.advance(.seconds(1))
                worker.wake()
                return try scene.scene.job(job).outcome == "mailed"
            }
        }
        #expect(try attempts(scene, job).last?.0 == "second")
        #expect(try scene.scene.job(job).attempts == 1)
    }

    @Test("A reload that takes a relay away or adds one counts for the next mail")
    func reload() throws {
        let scene = try WorkerScene()
        let third = RecordingCourier(.delivered)
        let worker = try scene.start(relays: relays(second))
        defer { worker.stop() }
        try scene.logger.settled(try scene.scene.request(scene.scene.payload()))
        worker.exchange(
            try scene.equipment(relays: [.init(name: "third") { third }, .init(name: "first") { second }]) { third })
        _ = try scene.scene.newcomer("other")
        let job = try scene.scene.request(scene.scene.payload("other"))
        worker.wake()
        try scene.logger.settled(job)
        #expect(try attempts(scene, job).map(\.0) == ["third"])
        #expect((second.mails.count, third.mails.count) == (1, 1))
    }
}
