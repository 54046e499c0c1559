import Domain
import Glibc

/// `<database>.lock`: every writing process of ours holds it shared while it commits and exclusively while it
/// checkpoints. Debian's SQLite 3.40.1 can corrupt a database whose log is reset while another connection writes (fixed
/// in 3.51.3 and backports); with this lock the two never meet.
///
/// It is a file of its own, because opening and closing the database file would drop SQLite's own locks on it.
final class CheckpointLock {
    private let descriptor: Int32

    init(database path: String) throws {
        descriptor = open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o660)
        guard descriptor >= 0 else {
            throw StorageFault(
                sentence:
                    "The database's lock file \(path).lock cannot be opened: \(String(cString: strerror(errno))).",
                detail: "open errno \(errno)")
        }
    }

    deinit { close(descriptor) }

    /// Waits while another process checkpoints.
    func shared<Result>(_ body: () throws -> Result) rethrows -> Result {
        take(LOCK_SH)
        defer { flock(descriptor, LOCK_UN) }
        return try body()
    }

    /// Runs `body` with no other writer about.
    /// - Parameter patiently: wait for other writers to finish; otherwise give up at once when there is one.
    /// - Returns: nil when it gave up.
    func exclusive<Result>(patiently: Bool, _ body: () throws -> Result) rethrows -> Result? {
        guard take(patiently ? LOCK_EX : LOCK_EX | LOCK_NB) else { return nil }
        defer { flock(descriptor, LOCK_UN) }
        return try body()
    }

    @discardableResult
    private func take(_ operation: Int32) -> Bool {
        while flock(descriptor, operation) != 0 {
            if errno != EINTR { return false }
        }
        return true
    }
}
