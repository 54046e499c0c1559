import COpenSSL

/// Hashes without a key.
package enum Digest {
    /// SHA-256 of `bytes` (FIPS 180-4, section 6.2): 32 bytes.
    package static func sha256(_ bytes: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: HashAlgorithm.sha256.byteCount) { output, count in
            guard EVP_Digest(bytes, bytes.count, output.baseAddress, nil, fetched.pointer, nil) == 1 else {
                openSSLFailure("compute SHA-256")
            }
            count = HashAlgorithm.sha256.byteCount
        }
    }

    /// Fetched once: OpenSSL 3 otherwise looks the algorithm up by name on every call.
    private static let fetched = FetchedDigest()
}

/// Sendable because an `EVP_MD` is immutable once fetched (evp(7), "Thread safety") and this one is never freed.
private final class FetchedDigest: @unchecked Sendable {
    let pointer: OpaquePointer

    init() {
        guard let pointer = EVP_MD_fetch(nil, HashAlgorithm.sha256.providerName, nil) else {
            openSSLFailure("find SHA-256")
        }
        self.pointer = pointer
    }
}
