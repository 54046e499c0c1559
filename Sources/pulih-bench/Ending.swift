import Glibc
import Threading

/// Leaves nothing behind when somebody breaks the benchmark off.
enum Ending {
    /// Call it before other threads begin: they inherit that the signals are blocked, and one thread waits for them.
    static func watch(_ folder: WorkFolder) throws {
        var signals = sigset_t()
        sigemptyset(&signals)
        for signal in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&signals, signal) }
        guard pthread_sigmask(SIG_BLOCK, &signals, nil) == 0 else { throw BenchFailure("signals cannot be blocked") }
        let waited = signals
        _ = Thread(name: "signals") {
            var (signals, signal) = (waited, Int32(0))
            guard sigwait(&signals, &signal) == 0 else { return }
            Child.stopForever()
            folder.remove()
            _exit(128 + signal)
        }
    }
}
