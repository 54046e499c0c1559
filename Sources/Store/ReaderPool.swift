import SQLite
import Threading

/// Reading connections, kept for the next caller. A reader never waits for the writer, nor the writer for it.
final class ReaderPool: @unchecked Sendable {
    // Proof: a connection is either in `idle`, guarded by the monitor, or in the hands of one caller.
    private let idle = Monitor<[Lent]>([])
    private let path: String

    private struct Lent: @unchecked Sendable {
        let session: Session
    }

    init(path: String) { self.path = path }

    func read<Result>(_ body: (Session) throws -> Result) throws -> Result {
        let lent = try idle.withLock({ $0.popLast() }) ?? Lent(session: Session(Connection(path: path, role: .reader)))
        defer { idle.withLock { $0.append(lent) } }
        return try lent.session.connection.snapshot { try body(lent.session) }
    }
}
