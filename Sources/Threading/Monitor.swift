import Glibc

// Threading: threads for work that blocks, and state that threads wait on. It knows nothing of what the threads do. `Monitor`
// is the only lock of the whole program.

/// State behind a lock that threads can wait on: a mutex and a condition variable in one. It must not be empty: a state
/// of no bytes shares its address with the next member, which the thread sanitizer takes for a race.
package final class Monitor<State>: @unchecked Sendable {
    // Proof: `state` is touched only while `mutex` is held.
    private var state: State
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let changed: UnsafeMutablePointer<pthread_cond_t>

    package init(_ state: sending State) {
        self.state = state
        mutex = .allocate(capacity: 1)
        changed = .allocate(capacity: 1)
        var kind = pthread_mutexattr_t()
        pthread_mutexattr_init(&kind)
        // What is locked is nearly always free again sooner than a thread could be put to sleep and woken.
        pthread_mutexattr_settype(&kind, Int32(PTHREAD_MUTEX_ADAPTIVE_NP))
        pthread_mutex_init(mutex, &kind)
        pthread_mutexattr_destroy(&kind)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        // A clock that is set must neither shorten nor stretch a wait.
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(changed, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(mutex)
        changed.deallocate()
        mutex.deallocate()
    }

    /// Reads or changes the state, and wakes every waiting thread.
    package func withLock<Result>(_ body: (inout State) throws -> sending Result) rethrows -> sending Result {
        pthread_mutex_lock(mutex)
        defer {
            // In this order: who is woken finds the lock free.
            pthread_mutex_unlock(mutex)
            pthread_cond_broadcast(changed)
        }
        return try body(&state)
    }

    /// Changes the state in a way that so many of the waiting threads, whichever they are, can go on.
    package func withLock<Result>(
        waking count: Int, _ body: (inout State) throws -> sending Result
    ) rethrows -> sending Result {
        pthread_mutex_lock(mutex)
        defer {
            pthread_mutex_unlock(mutex)
            for _ in 0..<count { pthread_cond_signal(changed) }
        }
        return try body(&state)
    }

    /// Waits until `body` returns a value. It is called immediately and after every change, with the lock held.
    /// - Parameter timeout: of real time; below zero it does not wait, nil waits without limit.
    /// - Returns: nil when the time ran out.
    package func wait<Result>(
        timeout: Duration? = nil, _ body: (inout State) throws -> Result?
    ) rethrows -> Result? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        guard let timeout else {
            while true {
                if let result = try body(&state) { return result }
                pthread_cond_wait(changed, mutex)
            }
        }
        var deadline = Self.time(in: max(timeout, .zero))
        while true {
            if let result = try body(&state) { return result }
            if pthread_cond_timedwait(changed, mutex, &deadline) == ETIMEDOUT { return try body(&state) }
        }
    }

    private static func time(in duration: Duration) -> timespec {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        let (seconds, attoseconds) = duration.components
        let nanoseconds = time.tv_nsec + Int(attoseconds / 1_000_000_000)
        time.tv_sec += Int(seconds) + nanoseconds / 1_000_000_000
        time.tv_nsec = nanoseconds % 1_000_000_000
        return time
    }
}
