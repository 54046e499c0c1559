// JOSE: keys as JSON Web Keys (RFC 7517) and signatures as compact JWS (RFC 7515), over cjose. It knows no token and no
// claim. Begin with `PrivateKey` to sign and `CompactJWS` to verify.

/// How a JWS is signed (RFC 7518, section 3.1); each key has exactly one. The raw value is what `alg` says.
package enum SignatureAlgorithm: String, Sendable, CaseIterable {
    /// ECDSA on the curve P-256 with SHA-256.
    case es256 = "ES256"
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    case rs256 = "RS256"

    /// Bits of an RSA key: the least that RFC 7518, section 3.3, allows. 3072 bits sign three times slower, and keys are
    /// exchanged long before 2048 are too few.
    static let modulusBits = 2048
}
