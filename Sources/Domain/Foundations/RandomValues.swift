package import Cryptography

extension RandomSource {
    /// Uniform in 0..<1.
    package func uniform() -> Double {
        let bits = bytes(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return Double(bits >> 11) / Double(UInt64(1) << 53)
    }

    /// A short id that follows one request through logs, job and mail.
    package func requestID() -> String { Base32.encode(bytes(10)).lowercased() }
}
