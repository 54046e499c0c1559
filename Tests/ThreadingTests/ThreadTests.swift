import Foundation
import Testing
import Threading

@Suite("Thread")
struct ThreadTests {
    @Test("Joining waits for the end, from anywhere and more than once")
    func join() {
        let isFree = Monitor(false)
        let done = Monitor(false)
        let thread = Threading.Thread(name: "worker") {
            let _: Bool? = isFree.wait { $0 ? true : nil }
            done.withLock { $0 = true }
        }
        #expect(done.withLock { !$0 })
        isFree.withLock { $0 = true }
        thread.join()
        thread.join()
        #expect(done.withLock { $0 })
    }

    @Test(
        "The name is what ps shows, cut to 15 bytes",
        arguments: [("pulih-lane-3", "pulih-lane-3"), ("a-very-long-thread-name", "a-very-long-thr")])
    func name(given: String, shown: String) {
        let found = Monitor("")
        Threading.Thread(name: given) {
            let name = try? String(contentsOfFile: "/proc/thread-self/comm", encoding: .utf8)
            found.withLock { $0 = name ?? "" }
        }.join()
        #expect(found.withLock { $0 } == shown + "\n")
    }

    @Test("A thread that nobody joined runs to its end")
    func detached() {
        let done = Monitor(false)
        _ = Threading.Thread(name: "loner") { done.withLock { $0 = true } }
        #expect(done.wait(timeout: .seconds(10)) { $0 ? true : nil } == true)
    }
}
