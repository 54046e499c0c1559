import Cryptography

/// Makes the codes of one secret (RFC 4226, section 5.3), taking in the key once for all of them.
struct CodeGenerator: ~Copyable {
    private let mac: KeyedHMAC
    private let modulus: UInt32

    init(secret: TOTPSecret, parameters: TOTPParameters) {
        mac = KeyedHMAC(parameters.algorithm, key: secret.bytes)
        modulus = (0..<parameters.digits).reduce(1) { power, _ in power * 10 }
    }

    /// The code of `step` as a number, without its leading zeros.
    func code(at step: TimeStep) -> UInt32 {
        mac.truncatedCode(of: UInt64(bitPattern: step.counter)) % modulus
    }
}
