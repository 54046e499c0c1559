/// Encrypts what the database keeps, so that it can be read and believed only with the key and in its own place.
///
/// A sealed value is `version (1) ‖ length of key id ‖ key id ‖ nonce (12 bytes) ‖ ciphertext ‖ tag (16 bytes)`.
/// The tag covers the header and the caller's context as well. The nonce is random: NIST SP 800-38D, section 8.3,
/// allows 2³² sealings with one key.
package struct Sealer: Sendable {
    /// Longest plaintext and longest context, in bytes.
    package static let maximumByteCount = 65_536

    private static let version: UInt8 = 1
    private static let keyIDLengths = 1...64
    private static let maximumOverhead = 2 + keyIDLengths.upperBound + AES256GCM.nonceLength + AES256GCM.tagLength

    private let keys: [String: SecretKey]

    /// The id of the key that new values are sealed with.
    package let current: String

    /// `keys` by id: all that stored values may be sealed with. An id is 1 to 64 of `A-Z a-z 0-9 . _ -`.
    package init(keys: [String: SecretKey], current: String) throws(SealError) {
        for id in keys.keys.sorted() where !Self.isKeyID(Array(id.utf8)) { throw .malformedKeyID(id) }
        guard keys[current] != nil else { throw .unknownKey(current) }
        self.keys = keys.mapValues { $0.derived(for: "sealing with AES-256-GCM") }
        self.current = current
    }

    /// `context` names the place that the value belongs to; `open` needs the same bytes again.
    package func seal(
        _ plain: [UInt8], context: [UInt8], random: any RandomSource
    ) throws(SealError) -> [UInt8] {
        guard plain.count <= Self.maximumByteCount, context.count <= Self.maximumByteCount else { throw .tooLong }
        guard let key = keys[current] else { throw .unknownKey(current) }
        let header = [Self.version, UInt8(current.utf8.count)] + Array(current.utf8)
        let nonce = random.bytes(AES256GCM.nonceLength)
        // The header tells its own length, so header and context cannot be shifted against each other.
        return header + nonce
            + AES256GCM.encrypt(plain, key: key.bytes, nonce: nonce, additional: header + context)
    }

    /// What was sealed. `.damaged` if any bit of it, or the context, is not what it was.
    package func open(_ sealed: [UInt8], context: [UInt8]) throws(SealError) -> [UInt8] {
        guard sealed.count <= Self.maximumByteCount + Self.maximumOverhead, context.count <= Self.maximumByteCount,
            let headerLength = Self.headerLength(of: sealed), let id = Self.keyID(of: sealed)
        else { throw .damaged }
        guard let key = keys[id] else { throw .unknownKey(id) }
        let nonceEnd = headerLength + AES256GCM.nonceLength
        guard
            let plain = AES256GCM.decrypt(
                sealed[nonceEnd...], key: key.bytes, nonce: Array(sealed[headerLength..<nonceEnd]),
                additional: sealed[..<headerLength] + context)
        else { throw .damaged }
        return plain
    }

    /// The id of the key that a sealed value asks for, unproven until it opens; nil if it is no sealed value.
    package static func keyID(of sealed: [UInt8]) -> String? {
        guard let headerLength = headerLength(of: sealed) else { return nil }
        return String(decoding: sealed[2..<headerLength], as: UTF8.self)
    }

    private static func headerLength(of sealed: [UInt8]) -> Int? {
        guard sealed.count > 2, sealed[0] == version else { return nil }
        let length = 2 + Int(sealed[1])
        guard sealed.count >= length + AES256GCM.nonceLength + AES256GCM.tagLength,
            isKeyID(sealed[2..<length])
        else { return nil }
        return length
    }

    /// Whether a key can have this id: 1 to 64 of `A-Z a-z 0-9 . _ -`.
    package static func isKeyID(_ id: String) -> Bool { isKeyID(Array(id.utf8)) }

    private static func isKeyID(_ bytes: some Collection<UInt8>) -> Bool {
        keyIDLengths.contains(bytes.count)
            && bytes.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
