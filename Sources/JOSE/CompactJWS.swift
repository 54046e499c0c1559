import CJose
import Cryptography
import FoundationEssentials

/// Verifies signed tokens in the compact form (RFC 7515, section 5.2).
package enum CompactJWS {
    /// What is longer, in bytes, is refused unread. Tokens of ours have a tenth of it.
    package static let maximumLength = 16 * 1024

    package struct Verified: Sendable, Equatable {
        /// What `typ` says; nil without it. Whoever takes one type must refuse the others (RFC 8725, section 3.11).
        package let type: String?
        /// Which key verified it.
        package let keyID: String
        package let payload: [UInt8]
    }

    /// The key is the one that `kid` names and the algorithm is that key's own, whatever the header says: neither `none`
    /// nor a MAC made of a public key is ever tried (RFC 8725, sections 2.1 and 3.1).
    /// - Throws: `JOSEError` with what is wrong with it.
    package static func verify(_ text: String, with keys: [PublicKey]) throws(JOSEError) -> Verified {
        let parsed = try ParsedJWS(text)
        guard let id = parsed.header("kid"), let key = keys.first(where: { $0.id == id }) else {
            throw .unknownKey
        }
        return try parsed.verified(by: key)
    }
}

/// A JWS of which nothing is believed yet.
struct ParsedJWS: ~Copyable {
    private let jws: OpaquePointer
    private let payload: [UInt8]
    private let signatureLength: Int
    private let isCritical: Bool

    /// cjose has no word for whether a member is there.
    private struct Critical: Decodable {
        enum Name: String, CodingKey { case crit }
        let isThere: Bool

        init(from decoder: any Decoder) throws {
            isThere = try decoder.container(keyedBy: Name.self).contains(.crit)
        }
    }

    init(_ text: String) throws(JOSEError) {
        guard text.utf8.count <= CompactJWS.maximumLength else { throw .tooLong }
        let segments = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        // cjose takes padding, stray bits and a signature of any length: here each token has one spelling.
        guard segments.count == 3, let header = Base64URL.decode(String(segments[0]) ?? "!"),
            let payload = Base64URL.decode(String(segments[1]) ?? "!"),
            let signature = Base64URL.decode(String(segments[2]) ?? "!"),
            let critical = try? JSONDecoder().decode(Critical.self, from: Data(header))
        else { throw .malformed }
        let made = text.utf8CString.withUnsafeBufferPointer { text in
            cjose_jws_import(text.baseAddress, text.count - 1, nil)
        }
        guard let made else { throw .malformed }
        (jws, self.payload) = (made, payload)
        (signatureLength, isCritical) = (signature.count, critical.isThere)
    }

    deinit { cjose_jws_release(jws) }

    /// A member of the header that is text.
    func header(_ name: UnsafePointer<CChar>) -> String? {
        cjose_header_get(cjose_jws_get_protected(jws), name, nil).map { String(cString: $0) }
    }

    func verified(by key: PublicKey) throws(JOSEError) -> CompactJWS.Verified {
        guard !isCritical else { throw .unsupported }
        guard header("alg") == key.algorithm.rawValue else { throw .wrongAlgorithm }
        guard signatureLength == key.handle.signatureLength, cjose_jws_verify(jws, key.handle.pointer, nil) else {
            throw .badSignature
        }
        return CompactJWS.Verified(type: header("typ"), keyID: key.id, payload: payload)
    }
}
