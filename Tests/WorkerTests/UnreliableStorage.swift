import Domain
import Threading

/// A storage that can be out of order for a while.
final class UnreliableStorage: Storage {
    private let storage: any Storage
    private let isBroken = Monitor(false)

    init(_ storage: any Storage) { self.storage = storage }

    var condition: StorageCondition { storage.condition }

    func fail() { isBroken.withLock { $0 = true } }
    func heal() { isBroken.withLock { $0 = false } }

    func read<Result: Sendable>(_ body: (any Reading) throws -> Result) throws -> Result {
        try check()
        return try storage.read(body)
    }

    func write<Result: Sendable>(_ body: @escaping @Sendable (any Writing) throws -> Result) throws -> Result {
        try check()
        return try storage.write(body)
    }

    private func check() throws {
        if isBroken.withLock({ $0 }) {
            throw StorageFault(sentence: "The disk is full.", detail: "as the test wants it")
        }
    }
}
