import SQL
import Threading

/// Reading connections, kept for the next caller. A reader never waits for the writer, nor the writer for it.
final class ReaderPool: @unchecked Sendable {
    // Proof: a connection is either in `idle`, guarded by the monitor, or in the hands of one caller.
    private struct State {
        var idle: [StoreTransaction] = []
        var lent = 0
    }

    private let state = Monitor(State())
    private let queries: Queries
    private let limit: Int
    private let patience: Duration?
    private let open: @Sendable () throws -> any Connection

    /// - Parameters:
    ///   - limit: how many connections there may be; who finds all of them lent waits for one.
    ///   - patience: how long at most; nil for as long as it takes.
    init(
        _ queries: Queries, limit: Int, patience: Duration?, open: @escaping @Sendable () throws -> any Connection
    ) {
        self.queries = queries
        self.limit = limit
        self.patience = patience
        self.open = open
    }

    func read<Result>(_ body: (StoreTransaction) throws -> Result) throws -> Result {
        try withReader { reader in try reader.connection.snapshot { try body(reader) } }
    }

    /// Without a transaction, so that each statement sees what there is when it runs.
    func withReader<Result>(_ body: (StoreTransaction) throws -> Result) throws -> Result {
        let kept = try take()
        var lent: StoreTransaction?
        defer { giveBack(lent) }
        let reader = try kept ?? StoreTransaction(open(), queries)
        lent = reader
        do {
            return try body(reader)
        } catch  where kept != nil && reader.connection.isBroken {
            // It had broken while nobody used it. Reading changes nothing, so it may be done again, on a new way.
            return try body(reader)
        }
    }

    private func take() throws -> StoreTransaction? {
        let taken: StoreTransaction?? = state.wait(timeout: patience) { [limit] state in
            guard !state.idle.isEmpty || state.lent < limit else { return nil }
            state.lent += 1
            return .some(state.idle.popLast())
        }
        guard let taken else { throw AnswerOverdue(patience: patience ?? .zero) }
        return taken
    }

    private func giveBack(_ reader: StoreTransaction?) {
        state.withLock(waking: 1) { state in
            state.lent -= 1
            if let reader { state.idle.append(reader) }
        }
    }
}
