import CJose

/// Why a key or a signature is not taken. Its description tells nothing of keys and is for the log.
package enum JOSEError: Error, Equatable {
    /// No JWK, or one that is no sound key for an algorithm of `SignatureAlgorithm`.
    case unusableKey
    /// Longer than `CompactJWS.maximumLength`; nothing of it was read.
    case tooLong
    /// Not three segments of base64url with a JSON object for a header.
    case malformed
    /// The header wants what is not understood here (`crit`; RFC 7515, section 4.1.11).
    case unsupported
    /// No key of the set has the `kid` of the header, or the header has none.
    case unknownKey
    /// The header names another algorithm than the key's own, `none` included.
    case wrongAlgorithm
    /// Signed by another key, or changed since.
    case badSignature
}

/// Ends the process: cjose refused what no input can make it refuse, which leaves exhausted memory or a broken
/// installation. Going on would mean a token without a signature.
func joseFailure(_ operation: String, _ error: cjose_err) -> Never {
    let reason = error.message.map { String(cString: $0) } ?? "no reason given"
    fatalError("cjose could not \(operation): \(reason)")
}
