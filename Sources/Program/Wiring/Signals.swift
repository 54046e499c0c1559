import Glibc

/// The signals that end the program or, in a service, have it read its files again; taken by the thread that waits for
/// them and by no other.
enum Signals {
    private static let ending = [SIGTERM, SIGINT, SIGHUP]

    /// To be called before any thread is made: threads inherit what is blocked.
    static func prepare() {
        // A reader that went away is an error to be seen at the write, not the end of the program.
        signal(SIGPIPE, SIG_IGN)
        hold()
    }

    /// Keeps the signals for `wait`, and leaves SIGPIPE to end a program that prints for ever. To be called before any
    /// thread is made.
    static func hold() {
        var set = endingSet()
        pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// Waits for a signal that ends the program; answers its name.
    static func wait() -> String {
        var set = endingSet()
        var number: Int32 = 0
        sigwait(&set, &number)
        return switch number {
        case SIGTERM: "TERM"
        case SIGINT: "INT"
        default: "HUP"
        }
    }

    /// Waits for a signal that ends a service; answers its name. HUP does so only where it means that the terminal is gone.
    /// - Parameter reload: called at each other HUP; those that come meanwhile are one more call.
    static func wait(reload: () -> Void) -> String {
        while true {
            let name = wait()
            guard name == "HUP", isatty(STDERR_FILENO) == 0 else { return name }
            reload()
        }
    }

    /// Waits for such a signal, but no longer than this.
    /// - Returns: whether one came.
    static func wait(seconds: Int) -> Bool {
        var set = endingSet()
        var time = timespec(tv_sec: seconds, tv_nsec: 0)
        while true {
            if sigtimedwait(&set, nil, &time) > 0 { return true }
            if errno != EINTR { return false }
        }
    }

    private static func endingSet() -> sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in ending { sigaddset(&set, signal) }
        return set
    }
}
