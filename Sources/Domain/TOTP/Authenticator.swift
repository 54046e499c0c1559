/// What makes an account's codes in an app: a secret and how it is used.
package struct Authenticator: Sendable, Equatable {
    package let secret: TOTPSecret
    package let parameters: TOTPParameters

    package init(secret: TOTPSecret, parameters: TOTPParameters = .standard) {
        self.secret = secret
        self.parameters = parameters
    }

    /// Reads an authenticator that is in use elsewhere: an otpauth address, or a Base32 secret alone, which stands for the
    /// standard parameters.
    package init(reading text: String) throws(OTPAuthURIError) {
        guard text.utf8.contains(UInt8(ascii: ":")) else {
            self.init(secret: try TOTPSecret(imported: text))
            return
        }
        let uri = try OTPAuthURI(parsing: text)
        self.init(secret: uri.secret, parameters: uri.parameters)
    }
}
