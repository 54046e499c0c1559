import CLinux
import Glibc

/// A thread of its own for work that blocks. Swift's and Dispatch's pools are sized for work that does not: a few
/// blocked threads there hold up everything else for seconds.
package final class Thread: @unchecked Sendable {
    // Proof: `handle` is set once, before anyone else has a reference; the body is @Sendable.
    private let isJoined = Monitor(false)
    private var handle = pthread_t()

    /// Starts immediately.
    /// - Parameters:
    ///   - name: shown by ps and gdb, at most 15 bytes of it.
    ///   - body: runs to its end; ask it to end through state it watches.
    package convenience init(name: String, _ body: @escaping @Sendable () -> Void) {
        self.init(ifAvailable: name, body)!
    }

    /// As above.
    /// - Returns: nil when the operating system gives no thread.
    package init?(ifAvailable name: String, _ body: @escaping @Sendable () -> Void) {
        let start = Unmanaged.passRetained(Start(name: String(name.prefix(15)), body: body))
        guard pthread_create(&handle, nil, runStart, start.toOpaque()) == 0 else {
            start.release()
            isJoined.withLock { $0 = true }
            return nil
        }
    }

    /// A thread that nobody joined runs on and cleans up after itself.
    deinit { if !isJoined.withLock({ $0 }) { pthread_detach(handle) } }

    /// Waits until the body has returned.
    package func join() {
        isJoined.withLock { isJoined in
            guard !isJoined else { return }
            isJoined = true
            pthread_join(handle, nil)
        }
    }
}

private final class Start {
    let name: String
    let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) {
        self.name = name
        self.body = body
    }
}

/// A file-scope function, because a closure would inherit the caller's isolation and trap on the new thread.
private func runStart(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
    _ = pulih_name_thread(start.name)
    start.body()
    return nil
}
