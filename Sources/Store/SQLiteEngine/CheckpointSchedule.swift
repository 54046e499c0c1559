import SQLite

/// When the write-ahead log is moved into the database. Used by the writer's thread alone.
struct CheckpointSchedule {
    /// Log frames (a page each, 4 KiB) from which on a checkpoint is tried after a commit.
    static let threshold = 1_000
    /// Log frames from which on other writing processes are made to wait for it.
    static let forcedThreshold = 4_000

    private let lock: CheckpointLock
    /// Log frames at which to try next.
    private var next = threshold

    init(under lock: CheckpointLock) { self.lock = lock }

    func isDue(at frames: Int) -> Bool { frames >= next }

    /// A failed checkpoint loses nothing: the log stays, and a later commit tries again. Not the very next one, since a
    /// reader that is in the way, such as a backup, would then hold up every commit for as long as it reads.
    mutating func afterCommit(of connection: SQLiteConnection) {
        let frames = connection.framesInLog
        // Another process may have truncated the log meanwhile.
        if frames < Self.threshold { next = Self.threshold }
        guard isDue(at: frames) else { return }
        let checkpoint = { try connection.checkpoint(waiting: 100) }
        let isDone = try? frames >= Self.forcedThreshold ? lock.exclusive(checkpoint) : lock.exclusiveIfFree(checkpoint)
        next = isDone == true ? Self.threshold : frames + Self.threshold
    }
}
