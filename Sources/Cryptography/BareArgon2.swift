import CArgon2

/// A password verified by libargon2 and nothing else: what any login with argon2 can reach at most. Benchmarks compare with
/// it.
package enum BareArgon2 {
    /// - Parameter encoded: an argon2id hash in PHC string format.
    package static func verify(_ password: [UInt8], against encoded: String) -> Bool {
        argon2id_verify(encoded, password, password.count) == ARGON2_OK.rawValue
    }
}
