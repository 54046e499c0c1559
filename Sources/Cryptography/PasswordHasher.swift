import CArgon2

/// Password hashes with argon2id (RFC 9106), kept as PHC strings that carry their own cost.
///
/// The default cost is the OWASP Password Storage Cheat Sheet's first choice.
package struct PasswordHasher: Sendable {
    /// Longer passwords are refused, not cut.
    package static let maximumPasswordBytes = 1024

    static let saltLength = 16
    static let hashLength = 32

    /// Memory in KiB.
    package let memoryKiB: Int
    package let passes: Int
    package let lanes: Int

    package init(memoryKiB: Int = 19_456, passes: Int = 2, lanes: Int = 1) {
        self.memoryKiB = memoryKiB
        self.passes = passes
        self.lanes = lanes
    }

    /// A new hash with a new salt: `$argon2id$v=19$m=…,t=…,p=…$salt$hash`.
    package func hash(_ password: [UInt8], random: any RandomSource) throws(PasswordHashError) -> String {
        guard password.count <= Self.maximumPasswordBytes else { throw .tooLong }
        let salt = random.bytes(Self.saltLength)
        let function = Argon2(
            variant: Argon2_id, version: ARGON2_VERSION_13, memory: UInt32(clamping: memoryKiB),
            passes: UInt32(clamping: passes), lanes: UInt32(clamping: lanes))
        return encoded(salt, try function.hash(password, salt: salt, length: Self.hashLength))
    }

    /// What looks like a hash of this cost and is none: to verify a password against it takes as long and never succeeds.
    package func decoy(random: any RandomSource) -> String {
        encoded(random.bytes(Self.saltLength), random.bytes(Self.hashLength))
    }

    private func encoded(_ salt: [UInt8], _ hash: [UInt8]) -> String {
        "$argon2id$v=19$m=\(memoryKiB),t=\(passes),p=\(lanes)$\(Base64.encode(salt))$\(Base64.encode(hash))"
    }

    /// Whether `password` is the one that `encoded` was made from: an argon2 hash in PHC string format, or one that came
    /// with an imported account, as `ImportedPasswordHash` has it stored. False for anything else.
    package func verify(_ password: [UInt8], against encoded: String) -> Bool {
        guard password.count <= Self.maximumPasswordBytes else { return false }
        if let stored = PHCString(encoded) {
            guard stored.isAffordable,
                let hash = try? stored.function.hash(password, salt: stored.salt, length: stored.hash.count)
            else { return false }
            return constantTimeEqual(hash, stored.hash)
        }
        if let wrapped = WrappedDigest(encoded) {
            return verify(wrapped.inner.digest(password), against: wrapped.outer)
        }
        return KDFPasswordHash(encoded)?.verify(password) ?? Phpass(encoded)?.verify(password)
            ?? CryptHash(encoded)?.verify(password) ?? false
    }

    /// Whether a hash that just verified should be replaced, because it was made in another way or with another cost than this
    /// one's.
    package func needsRehash(_ encoded: String) -> Bool {
        guard let stored = PHCString(encoded) else { return true }
        return stored.variant != Argon2_id || !stored.isCurrentVersion || stored.memoryKiB != memoryKiB
            || stored.passes != passes
            || stored.lanes != lanes
            || stored.salt.count < Self.saltLength || stored.hash.count < Self.hashLength
    }
}

/// Why a password could not be hashed.
package enum PasswordHashError: Error, Sendable, Equatable {
    /// More than `PasswordHasher.maximumPasswordBytes`.
    case tooLong
    /// What libargon2 said: a cost that it does not support, or no memory.
    case argon2(String)
}

extension PasswordHashError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .tooLong: "The password is longer than \(PasswordHasher.maximumPasswordBytes) bytes."
        case .argon2(let reason): "The password could not be hashed: \(reason)."
        }
    }
}
