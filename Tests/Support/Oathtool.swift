package import Foundation

/// A TOTP app: oath-toolkit's command, an implementation that is not ours.
package enum Oathtool {
    /// The code that an app shows for a secret at a moment (RFC 6238); `algorithm` is SHA1, SHA256 or SHA512, `period`
    /// is in seconds.
    package static func code(
        secretBase32 secret: String, at date: Date, digits: Int = 6, period: Int = 30, algorithm: String = "SHA1"
    ) throws -> String {
        let arguments = [
            "--totp=\(algorithm)", "--base32", "--digits=\(digits)", "--time-step-size=\(period)s",
            "--now=@\(Int(date.timeIntervalSince1970.rounded(.down)))", "-",
        ]
        return try Subprocess.output(of: "oathtool", arguments, input: secret)
    }
}
