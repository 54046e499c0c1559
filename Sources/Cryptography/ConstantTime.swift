import COpenSSL

/// Whether both hold the same bytes, in a time that depends on their lengths only and tells nothing of where they differ.
package func constantTimeEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    a.count == b.count && (a.isEmpty || CRYPTO_memcmp(a, b, a.count) == 0)
}

/// Whether both numbers are equal, in a time that tells nothing of them.
package func constantTimeEqual(_ a: UInt32, _ b: UInt32) -> Bool {
    withUnsafeBytes(of: a) { a in
        withUnsafeBytes(of: b) { b in
            CRYPTO_memcmp(a.baseAddress, b.baseAddress, a.count) == 0
        }
    }
}
