import Domain
import Threading

/// A storage that can be out of order for a while.
final class UnreliableStore: Store {
    private let store: any Store
    private let isBroken = Monitor(false)

    init(_ store: any Store) { self.store = store }

    var metrics: StoreMetrics { store.metrics }

    func fail() { isBroken.withLock { $0 = true } }
    func heal() { isBroken.withLock { $0 = false } }

    func read<Result: Sendable>(_ body: (any ReadTransaction) throws -> Result) throws -> Result {
        try check()
        return try store.read(body)
    }

    func write<Result: Sendable>(_ body: @escaping @Sendable (any WriteTransaction) throws -> Result) throws -> Result {
        try check()
        return try store.write(body)
    }

    private func check() throws {
        if isBroken.withLock({ $0 }) {
            throw StoreError(sentence: "The disk is full.", detail: "as the test wants it")
        }
    }
}
