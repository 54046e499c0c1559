import Domain
import PostgreSQL
import Threading

/// Wakes its owner when another process has committed. A hint only: callers poll as well, at a longer interval.
final class PostgreSQLChangeWatcher: ChangeWatcher {
    private let end: WakePipe
    private let thread: Thread

    /// Commits before this returns do not count.
    init(_ server: PostgreSQLServer, _ ownWord: OwnWord, _ ring: @escaping @Sendable () -> Void) throws {
        end = try WakePipe()
        let watched = WatchLoop(server, ownWord, try WatchLoop.listen(server), end)
        thread = Thread(name: "pulih-watcher") { watched.run(ring) }
    }

    func close() {
        end.wake()
        thread.join()
    }
}

private final class WatchLoop: @unchecked Sendable {
    // Proof: handed to the watcher's thread at its start and touched by no other.
    /// Milliseconds until a way that has broken is tried again; what was missed meanwhile is told then.
    private static let retry: ClosedRange<Int32> = 500...1_500
    /// Milliseconds after which a way that has been silent is asked whether it is still there.
    private static let silence: Int32 = 10_000

    private let server: PostgreSQLServer
    private let ownWord: OwnWord
    private var connection: PostgreSQLConnection?
    private let end: WakePipe

    init(_ server: PostgreSQLServer, _ ownWord: OwnWord, _ connection: PostgreSQLConnection, _ end: WakePipe) {
        self.server = server
        self.ownWord = ownWord
        self.connection = connection
        self.end = end
    }

    static func listen(_ server: PostgreSQLServer) throws -> PostgreSQLConnection {
        let connection = try server.connect(.messenger)
        try connection.execute("LISTEN pulih")
        return connection
    }

    func run(_ ring: @Sendable () -> Void) {
        while !end.isWoken(within: 0) {
            guard let listening = connection else {
                // At different times for different processes.
                if end.isWoken(within: .random(in: Self.retry)) { return }
                connection = try? Self.listen(server)
                if connection != nil { ring() }
                continue
            }
            do {
                let hasWord = try listening.waitForNotification(
                    until: end.descriptor, ignoring: ownWord.isCarried, timeout: Self.silence)
                if hasWord { ring() } else { try listening.execute("SELECT 1") }
            } catch {
                connection = nil
            }
        }
    }
}
