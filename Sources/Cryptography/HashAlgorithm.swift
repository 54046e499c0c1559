/// A hash function that HMAC and TOTP can be built on (FIPS 180-4).
package enum HashAlgorithm: String, Sendable, CaseIterable {
    case sha1
    case sha256
    case sha512

    /// Length of the digest, and so of an HMAC made with it, in bytes.
    package var byteCount: Int {
        switch self {
        case .sha1: 20
        case .sha256: 32
        case .sha512: 64
        }
    }

    /// Length of the blocks that it works on, in bytes.
    var blockLength: Int {
        switch self {
        case .sha1, .sha256: 64
        case .sha512: 128
        }
    }

    /// The name in OpenSSL's own table, which needs no fetching.
    var shortName: String { rawValue }

    /// The name that OpenSSL's providers know it by.
    var providerName: String {
        switch self {
        case .sha1: "SHA1"
        case .sha256: "SHA2-256"
        case .sha512: "SHA2-512"
        }
    }
}
