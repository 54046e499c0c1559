import Domain
import Glibc
import SQLite
import Threading

/// Wakes its owner when another process has committed. The kernel's word that the write-ahead log was written comes before the
/// commit is visible, by as long as the disk takes to make it durable, so the database's version is looked at at once and
/// some times after. A hint only: callers poll as well, at a longer interval.
final class SQLiteChangeWatcher: ChangeWatcher {
    private let end: WakePipe
    private let thread: Thread

    /// - Parameter path: of the database, without symbolic links. Commits before this returns do not count.
    init(path: String, _ ring: @escaping @Sendable () -> Void) throws {
        let (folder, name) = DatabasePath.parts(path)
        let events = Descriptor(inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK)))
        // The folder is watched rather than the log: the log may not exist yet, or be made anew.
        guard events.number >= 0, inotify_add_watch(events.number, folder, UInt32(IN_MODIFY | IN_CREATE)) >= 0 else {
            throw StoreError(
                sentence: "Changes to the database in \(folder) cannot be watched.",
                detail: "inotify: \(String(cString: strerror(errno)))")
        }
        end = try WakePipe()
        let watched = try WatchLoop(
            versions: SQLiteDataVersions(path: path), events: events, end: end,
            log: name + "-wal")
        thread = Thread(name: "pulih-watcher") { watched.run(ring) }
    }

    func close() {
        end.wake()
        thread.join()
    }
}

private final class WatchLoop: @unchecked Sendable {
    // Proof: handed to the watcher's thread at its start and touched by no other.
    /// Microseconds from the kernel's word to the second look, from there to the third, and so on: a disk takes a tenth of a
    /// millisecond, or as long as it takes.
    private static let recheckDelays: [Int32] = [100, 150, 250, 500, 1_000, 3_000, 20_000, 100_000]
    /// Milliseconds between two rings at least: commits that follow each other closely are one piece of news.
    private static let pause: Int32 = 1

    private let versions: SQLiteDataVersions
    private let events: Descriptor
    private let end: WakePipe
    private let log: String
    private var version: DataVersion?

    /// Commits from here on count, also those before the thread runs.
    init(versions: SQLiteDataVersions, events: Descriptor, end: WakePipe, log: String) {
        self.versions = versions
        self.events = events
        self.end = end
        self.log = log
        version = versions.current
    }

    func run(_ ring: @Sendable () -> Void) {
        var descriptors = [
            pollfd(fd: end.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: events.number, events: Int16(POLLIN), revents: 0),
        ]
        var looks: ArraySlice<Int32> = []
        while true {
            _ = Self.poll(&descriptors, looks.first)
            if descriptors[0].revents != 0 { return }
            looks = drain() ? Self.recheckDelays[...] : looks.dropFirst()
            guard changed() else { continue }
            ring()
            if end.isWoken(within: Self.pause) { return }
        }
    }

    /// - Parameter timeout: in microseconds; nil to wait for as long as it takes.
    private static func poll(_ descriptors: inout [pollfd], _ timeout: Int32?) -> Int32 {
        let count = nfds_t(descriptors.count)
        // poll(2) knows milliseconds only. What comes within less is seen right after.
        if let timeout, timeout < 1000 {
            usleep(useconds_t(timeout))
            return Glibc.poll(&descriptors, count, 0)
        }
        return Glibc.poll(&descriptors, count, timeout.map { $0 / 1000 } ?? -1)
    }

    /// Empties the queue of events; answers whether one of them was about the log.
    private func drain() -> Bool {
        var isLog = false
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(events.number, &buffer, buffer.count)
            guard count > 0 else { return isLog }
            // The name follows the fixed part of each event, padded with NULs.
            isLog = isLog || buffer.prefix(count).contains(log)
        }
    }

    private func changed() -> Bool {
        guard let now = versions.current, now != version else { return false }
        version = now
        return true
    }
}

extension ArraySlice<UInt8> {
    fileprivate func contains(_ text: String) -> Bool { firstRange(of: Array(text.utf8)) != nil }
}
