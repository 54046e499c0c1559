/// Why a text is no otpauth URI that can be taken over. None of these carries the secret.
package enum OTPAuthURIError: Error, Sendable, Equatable {
    case notOTPAuth
    case tooLong
    /// Another kind of code than TOTP, such as `hotp`.
    case unsupportedKind(String)
    /// An incomplete escape, a character that must be escaped, or escapes that are not UTF-8.
    case malformedEncoding
    case missing(parameter: String)
    case repeated(parameter: String)
    /// Empty, longer than `OTPAuthURI.maximumNameBytes`, or with a colon or control characters.
    case badName(String)
    case conflictingIssuers(label: String, parameter: String)
    case malformedSecret
    /// Shorter or longer than `TOTPSecret.byteCounts`.
    case secretLength(bytes: Int)
    case unsupported(parameter: String, value: String)
}

extension OTPAuthURIError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notOTPAuth: "The text does not start with \"otpauth://\"."
        case .tooLong: "The text is too long for an otpauth URI."
        case .unsupportedKind(let kind): "Only codes of the kind \"totp\" are supported, not \"\(kind)\"."
        case .malformedEncoding: "The URI holds characters that are not correctly percent-encoded."
        case .missing(let parameter): "The URI has no \(parameter)."
        case .repeated(let parameter): "The URI gives \"\(parameter)\" more than once."
        case .badName(let name):
            "\"\(name)\" cannot be a name: it is empty, too long, or has a colon or control characters."
        case .conflictingIssuers(let label, let parameter):
            "The URI names two issuers, \"\(label)\" and \"\(parameter)\"."
        case .malformedSecret: "The secret is not correct Base32."
        case .secretLength(let bytes):
            "The secret has \(bytes) bytes; \(TOTPSecret.byteCounts.lowerBound) to \(TOTPSecret.byteCounts.upperBound) are accepted."
        case .unsupported(let parameter, let value): "The URI's \(parameter) \"\(value)\" is not supported."
        }
    }
}
