import Threading

/// Contexts kept between uses, because making one costs more than computing a code with it.
final class HMACContextPool: Sendable {
    private static let sha1 = HMACContextPool(.sha1)
    private static let sha256 = HMACContextPool(.sha256)
    private static let sha512 = HMACContextPool(.sha512)

    /// More than the threads that compute in parallel; contexts released beyond it are freed.
    private static let capacity = 16

    private let algorithm: HashAlgorithm
    private let idle = Monitor<[HMACContext]>([])

    private init(_ algorithm: HashAlgorithm) {
        self.algorithm = algorithm
    }

    static func shared(for algorithm: HashAlgorithm) -> HMACContextPool {
        switch algorithm {
        case .sha1: sha1
        case .sha256: sha256
        case .sha512: sha512
        }
    }

    func acquire() -> HMACContext {
        idle.withLock { $0.popLast() } ?? HMACContext(algorithm)
    }

    func release(_ context: HMACContext) {
        idle.withLock { idle in
            if idle.count < Self.capacity { idle.append(context) }
        }
    }
}
