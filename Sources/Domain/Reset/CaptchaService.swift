package import Cryptography

/// The security code ("Kode Keamanan"). A challenge is stateless until it is spent: its id carries when it expires and
/// proves by MAC that it is ours, and the code is computed from the id. Showing a million forms stores nothing.
package struct CaptchaService: Sendable {
    package static let length = 6
    /// How long a challenge may be answered.
    package static let lifetime = TimeSpan.minutes(15)

    private static let nonceBytes = 9
    private static let expiryBytes = 5
    private static let macBytes = 16

    private let keys: SigningKeys
    private let alphabet: [UInt8]

    /// - Parameter alphabet: the letters and digits codes are made of, in ASCII: those that pictures can draw so that no
    ///   one confuses them.
    package init(keys: SigningKeys, alphabet: String) {
        self.keys = keys
        self.alphabet = Array(alphabet.utf8)
    }

    package init(key: SecretKey, alphabet: String) { self.init(keys: SigningKeys(key), alphabet: alphabet) }

    /// A new challenge.
    package func challenge(at now: Instant, random: any RandomSource) -> CaptchaChallenge {
        let expires = now + Self.lifetime
        let seconds = UInt64(max(expires.milliseconds, 0) / 1000)
        let expiry = (0..<Self.expiryBytes).map {
            UInt8(truncatingIfNeeded: seconds >> (8 * (Self.expiryBytes - 1 - $0)))
        }
        return challenge(core: random.bytes(Self.nonceBytes) + expiry)
    }

    /// Reads an id that came back from a form or a picture's address; nil when it is not one of ours.
    package func challenge(id: String) -> CaptchaChallenge? {
        guard let bytes = Base64URL.decode(id),
            bytes.count == Self.nonceBytes + Self.expiryBytes + Self.macBytes
        else { return nil }
        let challenge = challenge(core: Array(bytes.prefix(Self.nonceBytes + Self.expiryBytes)))
        return constantTimeEqual(Array(challenge.id.utf8), Array(id.utf8)) ? challenge : nil
    }

    private func challenge(core: [UInt8]) -> CaptchaChallenge {
        let expiry = core.suffix(Self.expiryBytes).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let expiresAt = Instant(milliseconds: Int64(expiry) * 1000)
        let key = keys.key(at: expiresAt - Self.lifetime)
        let mac = HMAC.code(.sha256, key: key.bytes, message: Array("captcha-id:".utf8) + core)
        let code = HMAC.code(.sha256, key: key.bytes, message: Array("captcha-code:".utf8) + core)
        let letters = code.prefix(Self.length).map { alphabet[Int($0) % alphabet.count] }
        return CaptchaChallenge(
            id: Base64URL.encode(core + mac.prefix(Self.macBytes)),
            code: String(decoding: letters, as: UTF8.self),
            seed: code.suffix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) },
            expiresAt: expiresAt)
    }
}

/// One challenge, computed anew from its id whenever it is needed.
package struct CaptchaChallenge: Sendable, Equatable {
    package let id: String
    /// What the picture shows.
    package let code: String
    /// Makes the picture of one id the same at every look.
    package let seed: UInt64
    package let expiresAt: Instant

    /// How an answer given at `instant` fares, read as `TypedCode` reads codes.
    package func check(_ answer: String, at instant: Instant) -> AnswerResult {
        guard instant < expiresAt else { return .expired }
        guard let typed = TypedCode.canonical(answer), typed.utf8.count == code.utf8.count else { return .malformed }
        return constantTimeEqual(Array(typed.utf8), Array(code.utf8)) ? .right : .wrong
    }

    package enum AnswerResult: Sendable {
        case right
        case wrong
        /// Not as many letters and digits as a code has.
        case malformed
        case expired
    }
}
