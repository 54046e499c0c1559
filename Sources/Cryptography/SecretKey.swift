// Cryptography: HMAC, digests, sealing, password hashes, random bytes and their encodings, over OpenSSL, libargon2 and
// libcrypt. It knows no account and no file. Begin with `Sealer` and `PasswordHasher`.

/// A symmetric key: at least 256 bits, uniformly random, shown by no description.
package struct SecretKey: Sendable {
    package static let minimumByteCount = 32

    package let bytes: [UInt8]

    /// Nil for fewer than `minimumByteCount` bytes.
    package init?(bytes: [UInt8]) {
        guard bytes.count >= Self.minimumByteCount else { return nil }
        self.bytes = bytes
    }

    private init(hash: [UInt8]) {
        bytes = hash
    }

    /// A key of 32 bytes for one purpose; keys of different purposes tell nothing of each other or of this one.
    ///
    /// HKDF-Expand with SHA-256 (RFC 5869, section 2.3). The extract step is for keys that are not uniformly random.
    package func derived(for purpose: String) -> SecretKey {
        derived(information: Array(purpose.utf8))
    }

    func derived(information: [UInt8]) -> SecretKey {
        SecretKey(hash: HMAC.code(.sha256, key: bytes, message: information + [1]))
    }
}

extension SecretKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "SecretKey(…)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
