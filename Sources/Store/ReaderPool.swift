import SQL
import Threading

/// Reading connections, kept for the next caller. A reader never waits for the writer, nor the writer for it.
final class ReaderPool: @unchecked Sendable {
    // Proof: a connection is either in `idle`, guarded by the monitor, or in the hands of one caller.
    private let idle = Monitor<[Reader]>([])
    private let open: @Sendable () throws -> any Connection

    private struct Reader: @unchecked Sendable {
        let session: StoreTransaction
    }

    init(open: @escaping @Sendable () throws -> any Connection) { self.open = open }

    func read<Result>(_ body: (StoreTransaction) throws -> Result) throws -> Result {
        try withReader { reader in try reader.connection.snapshot { try body(reader) } }
    }

    /// Without a transaction, so that each statement sees what there is when it runs.
    func withReader<Result>(_ body: (StoreTransaction) throws -> Result) throws -> Result {
        let lent = try idle.withLock({ $0.popLast() }) ?? Reader(session: StoreTransaction(open()))
        defer { idle.withLock { $0.append(lent) } }
        return try body(lent.session)
    }
}
