import Cryptography

/// Proof Key for Code Exchange (RFC 7636) by S256: a code is worth something only to who began the login.
package enum PKCE {
    /// Whether a text can be the base64url of a SHA-256.
    package static func isChallenge(_ text: String) -> Bool { Base64URL.decode(text)?.count == 32 }

    package static func accepts(_ verifier: String, for challenge: String) -> Bool {
        guard (43...128).contains(verifier.utf8.count), verifier.utf8.allSatisfy(isUnreserved) else { return false }
        let expected = Base64URL.encode(Digest.sha256(Array(verifier.utf8)))
        return constantTimeEqual(Array(expected.utf8), Array(challenge.utf8))
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-._~".utf8.contains(byte)
        }
    }
}
