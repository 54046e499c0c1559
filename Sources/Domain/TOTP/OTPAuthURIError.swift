/// Why a text is no otpauth URI that can be taken over. None of these carries the secret.
package enum OTPAuthURIError: Error, Sendable, Equatable {
    case notOTPAuth
    case tooLong
    /// Another kind of code than TOTP, such as `hotp`.
    case unsupportedKind(String)
    case missing(parameter: String)
    /// Twice, and each time something else.
    case repeated(parameter: String)
    /// Of an address of ours: empty, longer than `OTPAuthURI.maximumNameBytes`, or with a colon or control characters.
    case badName(String)
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
        case .unsupportedKind(let kind): Self.explain(kind)
        case .missing(let parameter): "The URI has no \(parameter)."
        case .repeated(let parameter): "The URI gives two different values for \"\(parameter)\"."
        case .badName(let name):
            "\"\(name)\" cannot be a name: it is empty, too long, or has a colon or control characters."
        case .malformedSecret: "The secret is not Base32: letters A to Z and digits 2 to 7."
        case .secretLength(let bytes) where bytes < TOTPSecret.byteCounts.lowerBound:
            "The secret has \(bytes * 8) bits; under \(TOTPSecret.byteCounts.lowerBound * 8) it can be guessed."
        case .secretLength(let bytes):
            "The secret has \(bytes) bytes; \(TOTPSecret.byteCounts.upperBound) are the most that is accepted."
        case .unsupported("digits", let value): "Codes of \(value) digits are not supported: 6 to 8 are."
        case .unsupported("period", let value):
            "A period of \(value) seconds is not supported: \(TOTPParameters.periods.lowerBound) to "
                + "\(TOTPParameters.periods.upperBound) are."
        case .unsupported(let parameter, let value): "The URI's \(parameter) \"\(value)\" is not supported."
        }
    }

    private static func explain(_ kind: String) -> String {
        switch kind {
        case "hotp": "This is a counter-based code (HOTP); only time-based ones (TOTP) are supported."
        case "steam": "This is a Steam Guard code, which has letters of its own and works with Steam alone."
        case "otpauth-migration":
            "This is Google Authenticator's export of several entries (otpauth-migration); export or scan each one as "
                + "otpauth://totp instead."
        default: "Only codes of the kind \"totp\" are supported, not \"\(kind)\"."
        }
    }
}
