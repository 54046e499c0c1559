import Domain
import Support
import Testing
import Worker

@Suite("A relay at fault")
struct RelayFaultTests {
    @Test("It pauses everything, spends no attempt, lets one probe out, and resumes when that goes through")
    func pauseProbeResume() throws {
        let scene = try WorkerScene(RecordingCourier(.relayFault, .relayFault, .delivered))
        var jobs: [Int64] = []
        for name in ["a", "b", "c", "d", "e"] {
            _ = try scene.scene.newcomer(name)
            jobs.append(try scene.scene.request(scene.scene.payload(name)))
        }
        // One lane, so that the script of verdicts is met in order.
        try scene.working(lanes: 1) { worker in
            let paused = try scene.logger.wait(for: "relay.paused")
            #expect(paused.first?.fields["reason"] == "relay.test:25 said: connection refused")
            try scene.logger.settled(jobs[0])
            #expect(try scene.scene.job(jobs[0]).attempts == 0)
            #expect(try scene.scene.job(jobs[0]).state == .scheduled)
            worker.wake()
            #expect(throws: SupportFailure.self) { try scene.courier.waitForMails(2, timeout: .milliseconds(100)) }

            // The first pause is about a second. The probe fails: the pause doubles.
            scene.clock.advance(.milliseconds(1_200))
            worker.wake()
            try scene.logger.wait(for: "relay.paused", count: 2)
            #expect(scene.courier.mails.count == 2)
            #expect(scene.courier.mails[0].recipient != scene.courier.mails[1].recipient)
            scene.clock.advance(.milliseconds(1_500))
            worker.wake()
            #expect(throws: SupportFailure.self) { try scene.courier.waitForMails(3, timeout: .milliseconds(100)) }

            // The second probe is held: nothing else goes out beside it.
            scene.courier.hold()
            scene.clock.advance(.milliseconds(900))
            worker.wake()
            _ = try scene.courier.waitForMails(3)
            worker.wake()
            #expect(throws: SupportFailure.self) { try scene.courier.waitForMails(4, timeout: .milliseconds(100)) }
            scene.courier.release()
            try scene.logger.wait(for: "relay.resumed")

            // The others follow; those that had met the fault when their time has come.
            scene.clock.advance(.seconds(6))
            worker.wake()
            for job in jobs {
                _ = try Eventually.value("job \(job) done") { try scene.scene.job(job).state == .done ? job : nil }
            }
        }
        for job in jobs { #expect(try scene.scene.job(job).attempts == 1) }
        #expect(scene.courier.mails.count == 7)
        let history = try scene.store.read { try $0.attempts(job: jobs[0]).map(\.outcome) }
        #expect(history == [.relayFault, .delivered])
    }

    @Test("A mail that the relay fails over, again and again, does not hold up the others")
    func poisonousMail() throws {
        let scene = try WorkerScene(
            RecordingCourier { mail, _ in mail.recipient.hasPrefix("poison@") ? .relayFault : .delivered })
        _ = try scene.scene.newcomer("poison")
        let poison = try scene.scene.request(scene.scene.payload("poison"))
        var others: [Int64] = []
        for number in 0..<6 {
            _ = try scene.scene.newcomer("user\(number)")
            others.append(try scene.scene.request(scene.scene.payload("user\(number)")))
        }
        try scene.working(lanes: 1) { worker in
            // Twelve seconds of the worker's time are enough for six mails and some faults.
            for _ in 0..<12 where try others.contains(where: { try scene.scene.job($0).state != .done }) {
                let before = scene.courier.mails.count
                scene.clock.advance(.milliseconds(1_300))
                worker.wake()
                _ = try scene.courier.waitForMails(before + 1)
                try Eventually.holds("the worker rests") {
                    try scene.store.read { try $0.jobs(JobFilter(state: .running), limit: 9).isEmpty }
                }
            }
        }
        for job in others { #expect(try scene.scene.job(job).outcome == "mailed") }
        #expect(try scene.scene.job(poison).state == .scheduled)
    }

    @Test("A request that is refused is no probe: the next one is")
    func sparedProbe() throws {
        let scene = try WorkerScene(RecordingCourier(.relayFault, .delivered))
        try scene.scene.request(scene.scene.payload())
        try scene.working(lanes: 1) { worker in
            try scene.logger.wait(for: "relay.paused")
            try scene.logger.wait(for: "job.settled")
            let refused = try scene.scene.enqueue("reset-request", "{}")
            let test = try scene.scene.enqueue("mail-test", #"{"to": "ops@example.com"}"#)
            scene.clock.advance(.milliseconds(1_200))
            worker.wake()
            try scene.logger.settled(refused)
            try scene.logger.settled(test)
            #expect(try scene.scene.job(test).outcome == "mailed")
        }
    }

    @Test("Operators see it: the worker reports a broken relay with its reason, and a mended one")
    func heartbeat() throws {
        let scene = try WorkerScene(RecordingCourier(.relayFault, .delivered))
        let job = try scene.scene.request(scene.scene.payload())
        func heartbeat() throws -> WorkerHeartbeat? { try scene.store.read { try $0.workers().first } }
        try scene.working { worker in
            _ = try Eventually.value("an open relay is reported") { try heartbeat()?.relay == "open" ? true : nil }
            #expect(try heartbeat()?.relayReason == "relay.test:25 said: connection refused")
            scene.clock.advance(.seconds(7))
            worker.wake()
            try scene.logger.settled(job, times: 2)
            _ = try Eventually.value("a closed relay is reported") { try heartbeat()?.relay == "closed" ? true : nil }
        }
    }

    @Test("A lane that hears of a fault late does not lengthen the pause")
    func lateFaults() throws {
        let scene = try WorkerScene(RecordingCourier(.relayFault))
        var jobs: [Int64] = []
        for name in ["a", "b", "c", "d"] {
            _ = try scene.scene.newcomer(name)
            jobs.append(try scene.scene.request(scene.scene.payload(name)))
        }
        scene.courier.hold()
        try scene.working(lanes: 4) { _ in
            _ = try scene.courier.waitForMails(4)
            scene.courier.release()
            for job in jobs { try scene.logger.settled(job) }
        }
        #expect(scene.logger.all("relay.paused").count == 1)
        #expect(try jobs.allSatisfy { try scene.scene.job($0).attempts == 0 })
    }
}
