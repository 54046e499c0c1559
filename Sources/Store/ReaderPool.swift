import SQL
import Threading

/// Reading connections, kept for the next caller. A reader never waits for the writer, nor the writer for it.
final class ReaderPool: @unchecked Sendable {
    // Proof: a connection is either in `idle`, guarded by the monitor, or in the hands of one caller.
    private let idle = Monitor<[Lent]>([])
    private let open: @Sendable () throws -> any Connection

    private struct Lent: @unchecked Sendable {
        let session: Session
    }

    init(open: @escaping @Sendable () throws -> any Connection) { self.open = open }

    func read<Result>(_ body: (Session) throws -> Result) throws -> Result {
        let lent = try idle.withLock({ $0.popLast() }) ?? Lent(session: Session(open()))
        defer { idle.withLock { $0.append(lent) } }
        return try lent.session.connection.snapshot { try body(lent.session) }
    }
}
