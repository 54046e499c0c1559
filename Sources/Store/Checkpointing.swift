import SQLite

/// When the write-ahead log is moved into the database.
enum Checkpointing {
    /// Log frames (4 KiB each) from which on a checkpoint is tried after a commit, when no other process writes.
    private static let enough = 1_000
    /// Log frames from which on other writers are made to wait for it.
    private static let tooMany = 16_000

    /// A failed checkpoint loses nothing: the log stays, and the next commit tries again.
    static func afterCommit(of connection: Connection, under lock: CheckpointLock) {
        let frames = connection.framesInLog
        guard frames >= enough else { return }
        _ = lock.exclusive(patiently: frames >= tooMany) { try? connection.checkpoint(waiting: 100) }
    }
}
