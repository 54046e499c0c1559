import COpenSSL

/// HMAC (RFC 2104, section 2) with one hash algorithm, for one key after another.
///
/// Built on OpenSSL's digests and not on its `EVP_MAC`, where taking in a key costs more than the hashing: a TOTP check,
/// which has a new key each time, takes a third less this way. Contexts are kept between uses for the same reason.
///
/// Sendable because only its holder touches it: a context is either in a pool, behind the pool's lock, or held by
/// exactly one `KeyedHMAC`, which cannot be copied.
final class HMACContext: @unchecked Sendable {
    private let algorithm: HashAlgorithm
    /// Has hashed the key combined with the inner padding.
    private let inner: OpaquePointer
    /// Has hashed the key combined with the outer padding.
    private let outer: OpaquePointer
    private let work: OpaquePointer
    /// One block: the padded key while a key is taken in, then digests.
    private let scratch: UnsafeMutableBufferPointer<UInt8>

    init(_ algorithm: HashAlgorithm) {
        guard let digest = EVP_MD_fetch(nil, algorithm.providerName, nil) else {
            openSSLFailure("find \(algorithm)")
        }
        self.algorithm = algorithm
        inner = Self.context(for: digest)
        outer = Self.context(for: digest)
        work = Self.context(for: digest)
        EVP_MD_free(digest)
        scratch = .allocate(capacity: algorithm.blockLength)
        scratch.initialize(repeating: 0)
    }

    deinit {
        EVP_MD_CTX_free(inner)
        EVP_MD_CTX_free(outer)
        EVP_MD_CTX_free(work)
        scratch.deallocate()
    }

    func setKey(_ key: [UInt8]) {
        scratch.update(repeating: 0)
        if key.count > scratch.count {
            restart(work)
            key.withUnsafeBytes { update(work, $0) }
            finish()
        } else {
            _ = scratch.update(fromContentsOf: key)
        }
        for index in scratch.indices { scratch[index] ^= 0x36 }
        restart(inner)
        update(inner, UnsafeRawBufferPointer(scratch))
        for index in scratch.indices { scratch[index] ^= 0x36 ^ 0x5C }
        restart(outer)
        update(outer, UnsafeRawBufferPointer(scratch))
    }

    /// Hands the code of `message` to `body`, which must not let it escape.
    func withCode<Result>(
        for message: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result {
        let digest = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(scratch)[..<algorithm.byteCount])
        resume(from: inner)
        update(work, message)
        finish()
        resume(from: outer)
        update(work, digest)
        finish()
        return body(digest)
    }

    private static func context(for digest: OpaquePointer) -> OpaquePointer {
        guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex2(context, digest, nil) == 1 else {
            openSSLFailure("start a digest")
        }
        return context
    }

    private func restart(_ context: OpaquePointer) {
        guard EVP_DigestInit_ex2(context, nil, nil) == 1 else { openSSLFailure("restart a digest") }
    }

    private func resume(from context: OpaquePointer) {
        guard EVP_MD_CTX_copy_ex(work, context) == 1 else { openSSLFailure("copy a digest") }
    }

    private func update(_ context: OpaquePointer, _ bytes: UnsafeRawBufferPointer) {
        guard EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1 else { openSSLFailure("hash") }
    }

    /// Puts what `work` has hashed at the start of `scratch`.
    private func finish() {
        guard EVP_DigestFinal_ex(work, scratch.baseAddress, nil) == 1 else { openSSLFailure("finish a digest") }
    }
}
