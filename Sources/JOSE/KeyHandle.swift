import CJose
import Glibc

/// A key of cjose.
///
/// Sendable because nothing changes it once it is made: cjose takes it as constant when it signs and verifies, and what
/// OpenSSL keeps beside an RSA key (blinding, Montgomery contexts) is behind OpenSSL's own locks. Only cjose's count of
/// references is unguarded; it is touched here alone, at the end.
final class KeyHandle: @unchecked Sendable {
    let pointer: OpaquePointer

    init(owning pointer: OpaquePointer) { self.pointer = pointer }

    /// A JWK, public or private, with or without a `kid`; nil for any other text.
    convenience init?(jwk: String) {
        let made = jwk.utf8CString.withUnsafeBufferPointer { text in
            cjose_jwk_import(text.baseAddress, text.count - 1, nil)
        }
        guard let made else { return nil }
        self.init(owning: made)
    }

    deinit { cjose_jwk_release(pointer) }

    static func generate(_ algorithm: SignatureAlgorithm) -> KeyHandle {
        var error = cjose_err()
        let exponent: [UInt8] = [1, 0, 1]
        let made =
            switch algorithm {
            case .es256: cjose_jwk_create_EC_random(CJOSE_JWK_EC_P_256, &error)
            case .rs256:
                cjose_jwk_create_RSA_random(SignatureAlgorithm.modulusBits, exponent, exponent.count, &error)
            }
        guard let made else { joseFailure("generate a key", error) }
        return KeyHandle(owning: made)
    }

    /// The algorithm of keys of this kind and size; nil for every other kind.
    var algorithm: SignatureAlgorithm? {
        switch cjose_jwk_get_kty(pointer, nil) {
        case CJOSE_JWK_KTY_EC where cjose_jwk_EC_get_curve(pointer, nil) == CJOSE_JWK_EC_P_256: .es256
        case CJOSE_JWK_KTY_RSA where cjose_jwk_get_keysize(pointer, nil) >= SignatureAlgorithm.modulusBits: .rs256
        default: nil
        }
    }

    /// Bytes of a signature with it (RFC 7518, sections 3.3 and 3.4).
    var signatureLength: Int {
        algorithm == .es256 ? 64 : (cjose_jwk_get_keysize(pointer, nil) + 7) / 8
    }

    var id: String? { cjose_jwk_get_kid(pointer, nil).map { String(cString: $0) } }

    func setID(_ id: String) {
        var error = cjose_err()
        guard cjose_jwk_set_kid(pointer, id, id.utf8.count, &error) else { joseFailure("name a key", error) }
    }

    /// As JSON on one line, without white space; nil when it has no parts of that kind.
    func jwk(isPrivate: Bool) -> String? {
        guard let text = cjose_jwk_to_json(pointer, isPrivate, nil) else { return nil }
        defer { free(text) }
        return String(cString: text)
    }
}
