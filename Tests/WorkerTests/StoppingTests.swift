import Domain
import Foundation
import Support
import Testing
import Worker
import Threading

@Suite("Stopping and trouble with the store")
struct StoppingTests {
    @Test("Stopping waits for the mails under way, settles them, and gives back untried what no lane has begun")
    func drains() throws {
        let scene = try WorkerScene()
        scene.courier.hold()
        let jobs = try (0..<8).map { try scene.scene.enqueue("mail-test", #"{"to": "ops\#($0)@example.com"}"#) }
        let worker = try scene.start(lanes: 2)
        _ = try scene.courier.waitForMails(2)
        try Eventually.holds("errands wait for the lanes") { try scene.scene.job(jobs[3]).state == .running }
        let isStopped = Monitor(false)
        Thread.detachNewThread {
            worker.stop()
            isStopped.withLock { $0 = true }
        }
        for job in jobs[2...3] { try scene.logger.settled(job) }
        #expect(!isStopped.withLock { $0 })
        scene.courier.release()
        #expect(isStopped.wait(timeout: .seconds(10)) { $0 ? true : nil } == true)
        let states = try jobs.map { try scene.scene.job($0) }
        #expect(states.map(\.state) == [.done, .done] + [JobState](repeating: .ready, count: 6))
        #expect(states[2...].allSatisfy { $0.attempts == 0 })
        #expect(scene.courier.mails.count == 2)
        #expect(try scene.logger.wait(for: "worker.stopped").first?.fields["unfinished"] == "0")
        worker.stop()
    }

    @Test("A mail that hangs is left to its lease after a while")
    func hangs() throws {
        let scene = try WorkerScene()
        scene.courier.hold()
        let job = try scene.scene.request(scene.scene.payload())
        let worker = try scene.start(lanes: 1)
        _ = try scene.courier.waitForMails(1)
        let isStopped = Monitor(false)
        Thread.detachNewThread {
            worker.stop()
            isStopped.withLock { $0 = true }
        }
        #expect(isStopped.wait(timeout: .milliseconds(50)) { $0 ? true : nil } == nil)
        scene.clock.advance(.seconds(12))
        #expect(isStopped.wait(timeout: .seconds(10)) { $0 ? true : nil } == true)
        #expect(try scene.logger.wait(for: "worker.stopped").first?.fields["unfinished"] == "1")
        #expect(try scene.scene.job(job).state == .running)
        scene.courier.release()
    }

    @Test("While the store is out of order reports are kept; when it is back each is settled, once")
    func storeFails() throws {
        let scene = try WorkerScene()
        scene.courier.hold()
        let jobs = try (0..<4).map { try scene.scene.enqueue("mail-test", #"{"to": "ops\#($0)@example.com"}"#) }
        try scene.working { worker in
            _ = try scene.courier.waitForMails(4)
            scene.store.fail()
            scene.courier.release()
            let told = try scene.logger.wait(for: "queue.unavailable")
            #expect(told.first?.fields["reason"] == "The disk is full.")
            #expect(told.first?.fields["detail"] == "as the test wants it")
            #expect(try jobs.allSatisfy { try scene.scene.job($0).state == .running })
            worker.wake()
            try scene.logger.wait(for: "queue.unavailable", count: 2)
            scene.store.heal()
            worker.wake()
            for job in jobs { try scene.logger.settled(job) }
        }
        #expect(try jobs.allSatisfy { try scene.scene.job($0).state == .done })
        #expect(scene.courier.mails.count == 4)
        #expect(scene.logger.all("job.settled").count == 4)
        #expect(scene.logger.all("job.fenced").isEmpty)
    }

    @Test("A store that fails at the stop is tried again until the time is up, and then left to the leases")
    func storeFailsAtStop() throws {
        let scene = try WorkerScene()
        scene.courier.hold()
        let job = try scene.scene.request(scene.scene.payload())
        let worker = try scene.start(lanes: 1)
        _ = try scene.courier.waitForMails(1)
        scene.store.fail()
        let isStopped = Monitor(false)
        Thread.detachNewThread {
            worker.stop()
            isStopped.withLock { $0 = true }
        }
        scene.courier.release()
        try scene.logger.wait(for: "queue.unavailable", count: 2)
        scene.store.heal()
        #expect(isStopped.wait(timeout: .seconds(10)) { $0 ? true : nil } == true)
        #expect(try scene.scene.job(job).state == .done)
    }

    @Test("Stopping an idle worker is quick, and its threads are gone")
    func idle() throws {
        let scene = try WorkerScene()
        let worker = try scene.start("idle", lanes: 8)
        worker.stop()
        #expect(try scene.logger.wait(for: "worker.stopped").count == 1)
    }
}
