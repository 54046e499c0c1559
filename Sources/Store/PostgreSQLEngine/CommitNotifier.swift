import PostgreSQL
import Threading

/// Tells other processes that this one has committed. Not in the transaction itself and not more often than is of use: while
/// PostgreSQL commits such word it keeps every other that brings one from committing, in the whole server.
final class CommitNotifier: Sendable {
    /// Between two words at least; what is committed meanwhile is told by the next.
    private static let pause = Duration.milliseconds(5)

    private struct State: Sendable {
        var hasNews = false
        var isClosed = false
    }

    private let state: Monitor<State>
    private let thread: Thread

    init(_ server: PostgreSQLServer, _ ownWord: OwnWord) {
        let state = Monitor(State())
        self.state = state
        thread = Thread(name: "pulih-notifier") { Self.run(state, server, ownWord) }
    }

    func tell() { state.withLock { $0.hasNews = true } }

    func close() {
        state.withLock { $0.isClosed = true }
        thread.join()
    }

    private static func run(_ state: Monitor<State>, _ server: PostgreSQLServer, _ ownWord: OwnWord) {
        var connection: PostgreSQLConnection?
        while isNext(state) {
            // Word that cannot be sent is no loss: who waits for it looks by itself after a while.
            if connection?.isBroken != false { connection = try? server.connect(.messenger) }
            if let connection {
                ownWord.comes(from: connection.backend)
                try? connection.execute("NOTIFY pulih")
            }
            let isClosed: Bool? = state.wait(timeout: pause) { $0.isClosed ? true : nil }
            if isClosed == true { return }
        }
    }

    /// Waits for news; false when there will be no more.
    private static func isNext(_ state: Monitor<State>) -> Bool {
        state.wait { state in
            guard state.hasNews || state.isClosed else { return nil }
            defer { state.hasNews = false }
            return !state.isClosed
        } ?? false
    }
}

/// The server's process that carries this process's own word, which is no news to it.
final class OwnWord: Sendable {
    private let backend = Monitor<Int32?>(nil)

    func comes(from backend: Int32) { self.backend.withLock { $0 = backend } }
    func isCarried(by backend: Int32) -> Bool { self.backend.withLock { $0 == backend } }
}
