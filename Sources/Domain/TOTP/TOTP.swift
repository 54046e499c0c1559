/// Time-based one-time passwords (RFC 6238).
package enum TOTP {
    /// The time step that a moment lies in. Moments before 1970 have negative steps.
    package static func step(at epochMilliseconds: Int64, period: Int) -> TimeStep {
        let length = Int64(period) * 1000
        let (quotient, remainder) = epochMilliseconds.quotientAndRemainder(dividingBy: length)
        return TimeStep(remainder < 0 ? quotient - 1 : quotient)
    }

    /// The code that an authenticator shows during `step`.
    package static func code(secret: TOTPSecret, parameters: TOTPParameters, step: TimeStep) -> String {
        let code = String(CodeGenerator(secret: secret, parameters: parameters).code(at: step))
        return String(repeating: "0", count: parameters.digits - code.utf8.count) + code
    }
}
