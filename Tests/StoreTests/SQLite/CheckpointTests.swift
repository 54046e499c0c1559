import Domain
import Foundation
import Glibc
import SQL
import SQLite
import Support
import Testing

@testable import Store
import Threading

@Suite("Checkpoints")
struct CheckpointTests {
    private static let log = "pulih.db-wal"
    private static let page = 4_096

    /// What another writing process of ours would do with the lock file: it has a descriptor of its own.
    private final class OtherProcess {
        private let descriptor: Int32

        init(_ database: String) { descriptor = open(database + ".lock", O_RDWR) }
        deinit { Glibc.close(descriptor) }

        func take(_ operation: Int32) -> Bool { flock(descriptor, operation) == 0 }
    }

    /// Grows the log by at least `frames` frames in one commit, and waits until the writer has done what it does after.
    private func write(_ frames: Int, to fixture: TemporarySQLiteDatabase) throws {
        let now = fixture.clock.now()
        let payload = String(repeating: "x", count: 40 * Self.page)
        try fixture.database.write { transaction in
            for _ in 0..<(frames / 40 + 1) {
                try transaction.enqueue(NewJob(kind: "pile", payload: payload, createdAt: now))
            }
        }
        try fixture.database.write { _ in }
    }

    @Test("The log is moved into the database and truncated once it exceeds its size, and not before")
    func truncated() throws {
        let fixture = try TemporarySQLiteDatabase()
        try write(CheckpointSchedule.threshold / 2, to: fixture)
        #expect(fixture.folder.size(Self.log) > CheckpointSchedule.threshold / 2 * Self.page)
        try write(CheckpointSchedule.threshold / 2, to: fixture)
        #expect(fixture.folder.size(Self.log) == 0)
        #expect(fixture.folder.size("pulih.db") > CheckpointSchedule.threshold * Self.page)
        #expect(try fixture.shell("PRAGMA integrity_check;") == "ok")
    }

    @Test("It is left alone while another process of ours writes, and truncated later")
    func otherWriter() throws {
        let fixture = try TemporarySQLiteDatabase()
        let other = OtherProcess(fixture.path)
        #expect(other.take(LOCK_SH))
        try write(CheckpointSchedule.threshold, to: fixture)
        #expect(fixture.folder.size(Self.log) > CheckpointSchedule.threshold * Self.page)
        #expect(other.take(LOCK_UN))
        try write(CheckpointSchedule.threshold, to: fixture)
        #expect(fixture.folder.size(Self.log) == 0)
    }

    @Test("Nobody of ours writes while another process checkpoints")
    func writersWait() throws {
        let fixture = try TemporarySQLiteDatabase()
        let (database, now) = (fixture.database, fixture.clock.now())
        let other = OtherProcess(fixture.path)
        #expect(other.take(LOCK_EX))
        let isWritten = Monitor(false)
        Thread.detachNewThread {
            _ = try? database.write { try $0.enqueue(NewJob(kind: "mail-test", payload: "", createdAt: now)) }
            isWritten.withLock { $0 = true }
        }
        #expect(isWritten.wait(timeout: .milliseconds(100)) { $0 ? true : nil } == nil)
        #expect(other.take(LOCK_UN))
        #expect(isWritten.wait(timeout: .seconds(10)) { $0 ? true : nil } == true)
    }

    @Test("A reader that is in the way is not waited for after every commit, and does not stop the next checkpoint")
    func longReader() throws {
        let fixture = try TemporarySQLiteDatabase()
        let lock = try CheckpointLock(database: fixture.path)
        let writer = try SQLiteConnection(path: fixture.path, role: .writer)
        let reader = try SQLiteConnection(path: fixture.path, role: .reader)
        var checkpointing = CheckpointSchedule(under: lock)
        func grow() throws {
            let pile = SQL.Value.text(String(repeating: "x", count: (CheckpointSchedule.threshold + 10) * Self.page))
            try writer.run("INSERT INTO job (kind, payload) VALUES ('pile', $1)", [pile])
        }

        try reader.snapshot {
            _ = try reader.first("SELECT count(*) FROM job") { $0.integer(0) }
            try grow()
            checkpointing.afterCommit(of: writer)
            let frames = writer.framesInLog
            #expect(frames > CheckpointSchedule.threshold)
            // The next commits are left in peace until the log has grown by as much again.
            try writer.run("INSERT INTO job (kind) VALUES ('small')")
            #expect(!checkpointing.isDue(at: writer.framesInLog))
            try grow()
            #expect(checkpointing.isDue(at: writer.framesInLog))
        }
        checkpointing.afterCommit(of: writer)
        #expect(fixture.folder.size(Self.log) == 0)
        #expect(checkpointing.isDue(at: CheckpointSchedule.threshold))
    }

    @Test("A log that has grown too long makes other writers wait: two that write without a pause keep it bounded")
    func bounded() throws {
        let fixture = try TemporarySQLiteDatabase()
        let other = try fixture.another()
        defer { other.close() }
        let now = fixture.clock.now()
        let payload = String(repeating: "x", count: 20 * Self.page)
        let largest =
            try inParallel(4) { thread in
                let database = thread % 2 == 0 ? fixture.database : other
                return try (0..<125).map { _ in
                    _ = try database.write { try $0.enqueue(NewJob(kind: "pile", payload: payload, createdAt: now)) }
                    return fixture.folder.size(Self.log)
                }.max() ?? 0
            }.max() ?? 0
        // About 11,000 frames were written in all. One tried in vain just below `tooMany` is tried again after as many
        // frames as are enough for one; what all four writers then have under way comes on top.
        let commits = 2 * 4 * 25
        #expect(largest < (CheckpointSchedule.forcedThreshold + CheckpointSchedule.threshold + commits) * Self.page)
        #expect(try fixture.shell("PRAGMA integrity_check; SELECT count(*) FROM job;") == "ok\n500")
    }
}
