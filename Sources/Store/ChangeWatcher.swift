import Domain
import Glibc
import SQLite
import Threading

/// Rings when another process has committed. The kernel's word that the write-ahead log was written comes a moment before
/// the commit is visible, so the database's own counter is asked at once, after 1 ms and after 5 ms more. A hint only:
/// who listens polls as well, at a longer interval.
package final class ChangeWatcher: Sendable {
    /// A byte written here ends the thread.
    private let end: Descriptor
    private let thread: Thread

    /// Watches the database at `path` until `close`.
    package init(path: String, ring: @escaping @Sendable () -> Void) throws {
        let connection = try Connection(path: path, role: .reader)
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        let log = (path.split(separator: "/").last.map(String.init) ?? path) + "-wal"
        let events = Descriptor(inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK)))
        var ends: [Int32] = [-1, -1]
        pipe(&ends)
        let (ended, end) = (Descriptor(ends[0]), Descriptor(ends[1]))
        for descriptor in ends { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        // The folder is watched rather than the log: the log may not exist yet, or be made anew.
        guard events.number >= 0, end.number >= 0,
            inotify_add_watch(events.number, folder.isEmpty ? "/" : folder, UInt32(IN_MODIFY | IN_CREATE)) >= 0
        else {
            throw StorageFault(
                sentence: "Changes to the database in \(folder) cannot be watched.",
                detail: "inotify: \(String(cString: strerror(errno)))")
        }
        self.end = end
        let watched = Watched(connection: connection, events: events, ended: ended, log: log)
        thread = Thread(name: "pulih-watcher") { watched.run(ring) }
    }

    package func close() {
        _ = write(end.number, [1], 1)
        thread.join()
    }
}

/// A file descriptor that closes with its owner.
private final class Descriptor: Sendable {
    let number: Int32

    init(_ number: Int32) { self.number = number }

    deinit { if number >= 0 { close(number) } }
}

private final class Watched: @unchecked Sendable {
    // Proof: handed to the watcher's thread at its start and touched by no other.
    private let connection: Connection
    private let events: Descriptor
    private let ended: Descriptor
    private let log: String
    private var version: Int64 = -1

    init(connection: Connection, events: Descriptor, ended: Descriptor, log: String) {
        self.connection = connection
        self.events = events
        self.ended = ended
        self.log = log
    }

    func run(_ ring: @Sendable () -> Void) {
        version = (try? connection.dataVersion()) ?? -1
        var descriptors = [
            pollfd(fd: events.number, events: Int16(POLLIN), revents: 0),
            pollfd(fd: ended.number, events: Int16(POLLIN), revents: 0),
        ]
        while true {
            _ = poll(&descriptors, 2, -1)
            if descriptors[1].revents != 0 { return }
            guard drain() else { continue }
            if changed() || changed(after: 1_000) || changed(after: 5_000) { ring() }
        }
    }

    /// Empties the queue of events; answers whether one of them was about the log.
    private func drain() -> Bool {
        var isLog = false
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(events.number, &buffer, buffer.count)
            guard count > 0 else { return isLog }
            // The name stands behind the fixed part of each event, padded with NULs.
            isLog = isLog || buffer.prefix(count).contains(log)
        }
    }

    private func changed(after microseconds: UInt32) -> Bool {
        usleep(microseconds)
        return changed()
    }

    private func changed() -> Bool {
        guard let now = try? connection.dataVersion(), now != version else { return false }
        version = now
        return true
    }
}

extension ArraySlice<UInt8> {
    fileprivate func contains(_ text: String) -> Bool { firstRange(of: Array(text.utf8)) != nil }
}
