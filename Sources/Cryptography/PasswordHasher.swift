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
        let (memory, passes, lanes) = (
            UInt32(clamping: memoryKiB), UInt32(clamping: passes), UInt32(clamping: lanes)
        )
        let salt = random.bytes(Self.saltLength)
        var encoded = [CChar](
            repeating: 0,
            count: argon2_encodedlen(
                passes, memory, lanes, UInt32(salt.count), UInt32(Self.hashLength), Argon2_id))
        let result = argon2id_hash_encoded(
            passes, memory, lanes, password, password.count, salt, salt.count, Self.hashLength, &encoded,
            encoded.count)
        guard result == ARGON2_OK.rawValue else { throw .argon2(String(cString: argon2_error_message(result))) }
        return String(decoding: encoded.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// What looks like a hash of this cost and is none: to verify a password against it takes as long and never succeeds.
    package func decoy(random: any RandomSource) -> String {
        func letters(_ count: Int) -> String {
            Base64URL.encode(random.bytes(count)).map { $0 == "-" ? "+" : $0 == "_" ? "/" : "\($0)" }.joined()
        }
        return
            "$argon2id$v=19$m=\(memoryKiB),t=\(passes),p=\(lanes)$\(letters(Self.saltLength))$\(letters(Self.hashLength))"
    }

    /// Whether `password` is the one that `encoded` was made from: an argon2 hash in PHC string format, or one that came
    /// with an imported account, as `ImportedPasswordHash` has it stored. False for anything else.
    package func verify(_ password: [UInt8], against encoded: String) -> Bool {
        guard password.count <= Self.maximumPasswordBytes else { return false }
        if let stored = PHCString(encoded) {
            return stored.isAffordable
                && argon2_verify(encoded, password, password.count, stored.variant) == ARGON2_OK.rawValue
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
            || stored.saltLength < Self.saltLength || stored.hashLength < Self.hashLength
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
