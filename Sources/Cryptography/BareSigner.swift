import COpenSSL

/// A fresh key of OpenSSL's that signs over SHA-256, with nothing around it: what any signing built on OpenSSL can reach at
/// most. Benchmarks compare with it; its key belongs to nobody.
package final class BareSigner: @unchecked Sendable {
    // Proof: the key is not changed by signing.
    private let key: OpaquePointer

    package enum Kind: Sendable {
        /// ECDSA over P-256.
        case ecdsa
        /// RSA with 2048 bits and PKCS #1 v1.5.
        case rsa
    }

    package init(_ kind: Kind) {
        let context = EVP_PKEY_CTX_new_from_name(nil, kind == .ecdsa ? "EC" : "RSA", nil)
        defer { EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        // An RSA key has 2048 bits unless told otherwise.
        guard EVP_PKEY_keygen_init(context) == 1,
            kind == .rsa || EVP_PKEY_CTX_set_group_name(context, "P-256") == 1,
            EVP_PKEY_generate(context, &key) == 1, let key
        else { openSSLFailure("make a key") }
        self.key = key
    }

    deinit { EVP_PKEY_free(key) }

    package func sign(_ bytes: [UInt8]) {
        let context = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(context) }
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 512) { signature in
            var length = signature.count
            guard EVP_DigestSignInit(context, nil, EVP_sha256(), nil, key) == 1,
                EVP_DigestSign(context, signature.baseAddress, &length, bytes, bytes.count) == 1
            else { openSSLFailure("sign") }
        }
    }
}
