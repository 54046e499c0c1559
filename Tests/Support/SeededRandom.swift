import Cryptography
import Threading

/// The same bytes and numbers for the same seed (SplitMix64), for any number of threads.
package final class SeededRandom: RandomSource, RandomNumberGenerator {
    package let seed: UInt64
    private let state: Monitor<UInt64>

    package init(_ seed: UInt64 = 1) {
        self.seed = seed
        state = Monitor(seed)
    }

    package func next() -> UInt64 {
        state.withLock { state in
            state &+= 0x9e37_79b9_7f4a_7c15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
            return mixed ^ (mixed >> 31)
        }
    }

    package func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: next() >> 32) } }

    /// Uniform in 0..<limit.
    package func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }
}
