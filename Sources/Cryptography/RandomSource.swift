import COpenSSL

/// Where unpredictable bytes come from; handed in, so that a test can choose them.
package protocol RandomSource: Sendable {
    /// Exactly `count` bytes.
    func bytes(_ count: Int) -> [UInt8]
}

/// The random generator of OpenSSL, seeded by the operating system.
///
/// A failing generator ends the process: nothing safe can follow it.
package struct SystemRandom: RandomSource {
    package init() {}

    package func bytes(_ count: Int) -> [UInt8] {
        guard count > 0 else { return [] }
        return [UInt8](unsafeUninitializedCapacity: count) { output, filled in
            guard RAND_bytes(output.baseAddress, Int32(count)) == 1 else { openSSLFailure("produce random bytes") }
            filled = count
        }
    }
}
