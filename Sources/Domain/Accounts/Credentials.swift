import Cryptography

/// What an account proves itself with. Read only where a proof is checked.
package struct Credentials: Sendable, Equatable {
    /// A hash that `PasswordHasher` verifies; nil when no password was set yet.
    package let passwordHash: String?
    /// The TOTP secret as `Sealer` sealed it for `SealContext.context`; nil when there is none.
    package let sealedSecret: [UInt8]?
    /// How the account's authenticator makes codes.
    package let parameters: TOTPParameters
    /// The step of the last accepted code; nil when no code of this secret was accepted yet.
    package let lastStep: TimeStep?
    /// By how many steps the phone was ahead of the server at that code.
    package let drift: Int

    package init(
        passwordHash: String?, sealedSecret: [UInt8]?, parameters: TOTPParameters, lastStep: TimeStep?, drift: Int
    ) {
        self.passwordHash = passwordHash
        self.sealedSecret = sealedSecret
        self.parameters = parameters
        self.lastStep = lastStep
        self.drift = drift
    }
}

/// TOTP parameters as the database keeps them: `sha1/6/30`.
extension TOTPParameters {
    package var text: String { "\(algorithm.rawValue)/\(digits)/\(period)" }

    package init?(text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, let algorithm = HashAlgorithm(rawValue: parts[0]), let digits = Int(parts[1]),
            let period = Int(parts[2])
        else { return nil }
        try? self.init(algorithm: algorithm, digits: digits, period: period)
    }
}
