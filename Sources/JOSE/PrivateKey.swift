import CJose

/// What signs. It is made once and signs in as many threads as want to, without a lock of ours; no description shows it.
package struct PrivateKey: Sendable {
    package let publicKey: PublicKey
    /// The private JWK on one line without white space: a secret, for a file that nobody else reads.
    package let jwk: String
    private let handle: KeyHandle

    package var id: String { publicKey.id }
    package var algorithm: SignatureAlgorithm { publicKey.algorithm }

    /// A fresh key whose id is its thumbprint. One for RS256 takes a tenth of a second, more or less.
    package static func generate(_ algorithm: SignatureAlgorithm) -> PrivateKey {
        let handle = KeyHandle.generate(algorithm)
        do {
            handle.setID(try PublicKey(handle).thumbprint)
            return try PrivateKey(handle)
        } catch {
            fatalError("a key that was just generated is unusable")
        }
    }

    /// Reads what `jwk` wrote, or any private JWK for one of the algorithms.
    /// - Throws: `JOSEError.unusableKey`, also when there is no private part, or it signs for no public one.
    package init(jwk: String) throws(JOSEError) {
        guard let handle = KeyHandle(jwk: jwk) else { throw .unusableKey }
        try self.init(handle)
    }

    private init(_ handle: KeyHandle) throws(JOSEError) {
        let publicKey = try PublicKey(handle)
        if handle.id == nil { handle.setID(publicKey.id) }
        guard let jwk = handle.jwk(isPrivate: true) else { throw .unusableKey }
        (self.publicKey, self.jwk, self.handle) = (publicKey, jwk, handle)
        // cjose looks at neither: whether there is a private part, and whether it fits.
        guard let proof = signed([0], type: "proof"),
            (try? CompactJWS.verify(proof, with: [publicKey])) != nil
        else { throw .unusableKey }
    }

    /// A compact JWS (RFC 7515, section 7.1) with the header members `alg`, `kid` and `typ`.
    /// - Parameters:
    ///   - payload: any bytes; those of a token are JSON.
    ///   - type: what it is, such as `JWT`, `at+jwt` or `logout+jwt`; without control characters.
    package func sign(_ payload: [UInt8], type: String) -> String {
        guard let text = signed(payload, type: type) else { fatalError("cjose could not sign") }
        return text
    }

    private func signed(_ payload: [UInt8], type: String) -> String? {
        guard let header = cjose_header_new(nil) else { return nil }
        defer { cjose_header_release(header) }
        guard cjose_header_set(header, "alg", algorithm.rawValue, nil),
            cjose_header_set(header, "kid", id, nil), cjose_header_set(header, "typ", type, nil),
            let jws = cjose_jws_sign(handle.pointer, header, payload, payload.count, nil)
        else { return nil }
        defer { cjose_jws_release(jws) }
        var text: UnsafePointer<CChar>?
        guard cjose_jws_export(jws, &text, nil), let text else { return nil }
        return String(cString: text)
    }
}

extension PrivateKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "PrivateKey(\(id))" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
