import Cryptography
import FoundationEssentials

/// What verifies signatures, and may be published.
package struct PublicKey: Sendable {
    /// What `kid` says: the key's thumbprint, unless its JWK names another.
    package let id: String
    package let algorithm: SignatureAlgorithm
    /// A JWK on one line with `kty`, the public members, `alg`, `use` and `kid`: an element of a key set (RFC 7517, section 5).
    package let jwk: String
    /// SHA-256 over the members that make the key (RFC 7638), in base64url: the same for whoever computes it.
    package let thumbprint: String
    let handle: KeyHandle

    /// - Parameter jwk: public or private; of a private one the public members are taken.
    /// - Throws: `JOSEError.unusableKey`.
    package init(jwk: String) throws(JOSEError) {
        guard let handle = KeyHandle(jwk: jwk) else { throw .unusableKey }
        try self.init(handle)
    }

    init(_ handle: KeyHandle) throws(JOSEError) {
        guard let algorithm = handle.algorithm, let text = handle.jwk(isPrivate: false),
            let members = try? JSONDecoder().decode(Members.self, from: Data(text.utf8)),
            let canonical = members.canonical
        else { throw .unusableKey }
        thumbprint = Base64URL.encode(Digest.sha256(Array("{\(canonical)}".utf8)))
        id = handle.id ?? thumbprint
        // Another's name for a key could hold anything; ours need no escaping in JSON.
        guard Self.isPlain(id) else { throw .unusableKey }
        self.algorithm = algorithm
        self.handle = handle
        jwk = #"{\#(canonical),"alg":"\#(algorithm.rawValue)","use":"sig","kid":"\#(id)"}"#
    }

    private static func isPlain(_ id: String) -> Bool {
        !id.isEmpty
            && id.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
    }

    /// The public members as cjose writes them: base64url, which needs no escaping.
    private struct Members: Decodable {
        let crv: String?
        let x: String?
        let y: String?
        let e: String?
        let n: String?

        /// In the order and spelling of RFC 7638, section 3.3.
        var canonical: String? {
            if let crv, let x, let y { return #""crv":"\#(crv)","kty":"EC","x":"\#(x)","y":"\#(y)""# }
            if let e, let n { return #""e":"\#(e)","kty":"RSA","n":"\#(n)""# }
            return nil
        }
    }
}
