/// Keyed-hash message authentication codes (RFC 2104).
package enum HMAC {
    /// The code of one message: `algorithm.byteCount` bytes. For several messages under one key use `KeyedHMAC`.
    package static func code(_ algorithm: HashAlgorithm, key: [UInt8], message: [UInt8]) -> [UInt8] {
        KeyedHMAC(algorithm, key: key).code(for: message)
    }
}

/// HMAC with its key already taken in: each further message costs half of what the first one does.
package struct KeyedHMAC: ~Copyable {
    private let context: HMACContext
    private let algorithm: HashAlgorithm

    package init(_ algorithm: HashAlgorithm, key: [UInt8]) {
        self.algorithm = algorithm
        context = HMACContextPool.shared(for: algorithm).acquire()
        context.setKey(key)
    }

    deinit {
        HMACContextPool.shared(for: algorithm).release(context)
    }

    /// The code of `message`: `algorithm.byteCount` bytes.
    package func code(for message: [UInt8]) -> [UInt8] {
        message.withUnsafeBytes { context.withCode(for: $0) { Array($0) } }
    }

    /// The code of an eight-byte counter, dynamically truncated to 31 bits (RFC 4226, sections 5.2 and 5.3): what
    /// one-time passwords are made of, without an allocation.
    package func truncatedCode(of counter: UInt64) -> UInt32 {
        withUnsafeBytes(of: counter.bigEndian) { message in
            context.withCode(for: message) { code in
                let offset = Int(code[code.count - 1] & 0x0F)
                let bytes = code.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
                return UInt32(bigEndian: bytes) & 0x7FFF_FFFF
            }
        }
    }
}
