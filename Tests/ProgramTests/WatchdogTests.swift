import Support
import Testing
import Threading

@testable import Program

@Suite("The watchdog")
struct WatchdogTests {
    private struct Told: Sendable {
        var alive = 0
        var stuck: [[String]] = []
    }

    @Test(
        "While every part answers it says alive; of a part that hangs, or answers no, it says the name and no more alive"
    )
    func parts() throws {
        let told = Monitor(Told())
        let hangs = Monitor(false)
        let watchdog = Watchdog(
            [
                Watchdog.Component(name: "well") { true },
                Watchdog.Component(name: "hanging") {
                    let _: Bool? = hangs.wait { $0 ? nil : true }
                    return true
                },
            ], interval: .milliseconds(400), reportAlive: { told.withLock { $0.alive += 1 } },
            stuck: { names in told.withLock { $0.stuck.append(names) } })
        defer { watchdog.stop() }
        let wellFor: Bool? = told.wait(timeout: .seconds(20)) { $0.alive >= 4 ? true : nil }
        #expect(wellFor == true)
        hangs.withLock { $0 = true }
        let stuck: [String]? = told.wait(timeout: .seconds(20)) { $0.stuck.first { $0.contains("hanging") } }
        #expect(stuck?.contains("hanging") == true)
        // Once stuck, silent: three more looks, and no word of life between them.
        let (alive, count) = told.withLock { ($0.alive, $0.stuck.count) }
        let later: Int? = told.wait(timeout: .seconds(20)) { $0.stuck.count >= count + 3 ? $0.alive : nil }
        #expect(later == alive)
        hangs.withLock { $0 = false }
        let again: Bool? = told.wait(timeout: .seconds(20)) { $0.alive > alive ? true : nil }
        #expect(again == true)
    }
}
