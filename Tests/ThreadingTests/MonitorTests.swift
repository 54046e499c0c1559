import Foundation
import Testing
import Threading

@Suite("Monitor")
struct MonitorTests {
    @Test("Many threads that count together miss none")
    func exclusion() {
        let count = Monitor(0)
        let threads = (0..<8).map { number in
            Threading.Thread(name: "counter-\(number)") { for _ in 0..<5_000 { count.withLock { $0 += 1 } } }
        }
        for thread in threads { thread.join() }
        #expect(count.withLock { $0 } == 40_000)
    }

    @Test("Who waits is woken by the change that it waits for, and may take what it finds")
    func wait() {
        let letters = Monitor<[String]>([])
        let thread = Threading.Thread(name: "postman") {
            for letter in ["a", "b"] { letters.withLock { $0.append(letter) } }
        }
        let taken: [String]? = letters.wait { letters in
            guard letters.count == 2 else { return nil }
            defer { letters = [] }
            return letters
        }
        #expect(taken == ["a", "b"])
        #expect(letters.withLock { $0.isEmpty })
        thread.join()
    }

    @Test("Every one of many waiters is woken")
    func broadcast() {
        let isOpen = Monitor(false)
        let woken = Monitor(0)
        let threads = (0..<8).map { _ in
            Threading.Thread(name: "waiter") {
                let _: Bool? = isOpen.wait { $0 ? true : nil }
                woken.withLock { $0 += 1 }
            }
        }
        isOpen.withLock { $0 = true }
        for thread in threads { thread.join() }
        #expect(woken.withLock { $0 } == 8)
    }

    @Test("A wait that is in vain ends with nil, not before its time", arguments: [0.05, 0, -1, 1e-9])
    func timeout(seconds: Double) {
        let monitor = Monitor(0)
        let start = ContinuousClock.now
        let found: Int? = monitor.wait(timeout: .seconds(seconds)) { _ in nil }
        #expect(found == nil)
        #expect(ContinuousClock.now - start >= .seconds(seconds))
    }

    @Test("An error leaves the monitor unlocked")
    func error() {
        struct Refusal: Error {}
        let monitor = Monitor(0)
        #expect(throws: Refusal.self) { try monitor.withLock { _ in throw Refusal() } }
        #expect(monitor.withLock { $0 } == 0)
    }
}
