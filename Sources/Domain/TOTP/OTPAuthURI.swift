import Cryptography

/// What a QR code tells an authenticator app, in the format that Google Authenticator's "Key URI Format" started:
/// `otpauth://totp/Issuer:account?secret=…&issuer=Issuer&algorithm=SHA1&digits=6&period=30`.
package struct OTPAuthURI: Sendable {
    /// Longest issuer and longest account name, in bytes of UTF-8.
    package static let maximumNameBytes = 255

    /// Who runs the login; the app shows it as the heading. Nil only in URIs of others.
    package let issuer: String?
    /// Whose login it is; empty only in URIs of others.
    package let account: String
    package let secret: TOTPSecret
    package let parameters: TOTPParameters

    /// Names have no colon, because a colon separates them, and no control characters.
    package init(
        issuer: String?, account: String, secret: TOTPSecret, parameters: TOTPParameters
    ) throws(OTPAuthURIError) {
        for name in [issuer, account].compactMap(\.self) {
            guard Self.isName(name) else { throw .badName(name) }
        }
        self.issuer = issuer
        self.account = account
        self.secret = secret
        self.parameters = parameters
    }

    /// For a URI of others, whose names are what they are.
    init(_ issuer: String?, _ account: String, _ secret: TOTPSecret, _ parameters: TOTPParameters) {
        self.issuer = issuer
        self.account = account
        self.secret = secret
        self.parameters = parameters
    }

    /// The URI itself. It holds the secret: not for logs.
    package var text: String {
        let account = PercentEncoding.encode(account)
        let issuer = issuer.map(PercentEncoding.encode)
        var query = ["secret=\(secret.base32)"]
        if let issuer { query.append("issuer=\(issuer)") }
        query += [
            "algorithm=\(parameters.algorithm.otpauthName)", "digits=\(parameters.digits)",
            "period=\(parameters.period)",
        ]
        let label = issuer.map { "\($0):\(account)" } ?? account
        return "otpauth://totp/\(label)?\(query.joined(separator: "&"))"
    }

    private static func isName(_ name: String) -> Bool {
        (1...maximumNameBytes).contains(name.utf8.count)
            && name.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F && $0 != UInt8(ascii: ":") }
    }
}

extension HashAlgorithm {
    var otpauthName: String {
        switch self {
        case .sha1: "SHA1"
        case .sha256: "SHA256"
        case .sha512: "SHA512"
        }
    }
}
