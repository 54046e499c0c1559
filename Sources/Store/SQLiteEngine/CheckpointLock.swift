import Domain
import Glibc

/// `<database>.lock`: every writing process of ours holds it shared while it commits and exclusively while it
/// checkpoints. Debian's SQLite 3.40.1 can corrupt a database whose log is reset while another connection writes (fixed
/// in 3.51.3 and backports); with this lock the two never meet.
///
/// It is a file of its own, because opening and closing the database file would drop SQLite's own locks on it.
final class CheckpointLock {
    private let path: String
    private let descriptor: Int32

    init(database: String) throws {
        path = database + ".lock"
        try DatabaseFilePermissions.create(path)
        descriptor = open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.failure(path, "cannot be opened") }
    }

    deinit { close(descriptor) }

    /// Waits while another process checkpoints.
    func shared<Result>(_ body: () throws -> Result) throws -> Result {
        _ = try acquire(LOCK_SH)
        defer { flock(descriptor, LOCK_UN) }
        return try body()
    }

    /// Waits until no other process writes and keeps them waiting meanwhile.
    func exclusive<Result>(_ body: () throws -> Result) throws -> Result {
        _ = try acquire(LOCK_EX)
        defer { flock(descriptor, LOCK_UN) }
        return try body()
    }

    /// - Returns: nil, without waiting, when another process writes.
    func exclusiveIfFree<Result>(_ body: () throws -> Result) throws -> Result? {
        guard try acquire(LOCK_EX | LOCK_NB) else { return nil }
        defer { flock(descriptor, LOCK_UN) }
        return try body()
    }

    /// - Returns: false when another process has it and `operation` says not to wait.
    private func acquire(_ operation: Int32) throws -> Bool {
        while flock(descriptor, operation) != 0 {
            if errno == EWOULDBLOCK { return false }
            guard errno == EINTR else { throw Self.failure(path, "cannot be locked") }
        }
        return true
    }

    private static func failure(_ path: String, _ trouble: String) -> StoreError {
        let code = errno
        return StoreError(
            sentence: "The database's lock file \(path) \(trouble): \(String(cString: strerror(code))).",
            detail: "errno \(code)")
    }
}
