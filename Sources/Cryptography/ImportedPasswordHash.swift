import FoundationEssentials

/// A password hash as another system wrote it: recognised, bounded in cost, and brought into the form that is stored.
package struct ImportedPasswordHash: Sendable {
    private enum Content: Sendable {
        /// Stored as it is.
        case storable(String)
        /// Too easy to guess to be stored.
        case digest(FastDigest, [UInt8])
    }

    private let content: Content

    /// What can be imported, for people whose hash cannot.
    package static let known =
        "argon2, bcrypt (cost up to 14), sha256crypt, sha512crypt, yescrypt, PBKDF2, scrypt, phpass, {SSHA}, MD5, SHA-1 or "
        + "SHA-2, at a cost that a login can bear"

    /// Whether it is a fast digest, which `stored` wraps in argon2id: that takes as long as a login.
    package var isWrapped: Bool { if case .digest = content { true } else { false } }

    /// Nil when the text is no hash that a login can be checked against.
    package init?(_ text: String) {
        guard text.utf8.count <= 4096, !text.utf8.contains(0) else { return nil }
        let candidates = [
            Self.verifiable(text), Self.ldap(text), Self.django(text), Self.passlib(text), Self.keycloak(text),
            Self.hexadecimal(text),
        ]
        guard let content = candidates.lazy.compactMap({ $0 }).first else { return nil }
        self.content = content
    }

    /// The hash in the form that `PasswordHasher.verify` takes.
    package func stored(by hasher: PasswordHasher, random: any RandomSource) throws(PasswordHashError) -> String {
        switch content {
        case .storable(let text): return text
        case .digest(let inner, let digest):
            return WrappedDigest(inner: inner, outer: try hasher.hash(digest, random: random)).text
        }
    }

    private static func verifiable(_ text: String) -> Content? {
        let isKnown =
            PHCString(text)?.isAffordable
            ?? (CryptHash(text) != nil || KDFPasswordHash(text) != nil || Phpass(text) != nil
                || WrappedDigest(text) != nil)
        return isKnown ? .storable(text) : nil
    }

    /// `{SSHA256}…` and its like (RFC 2307 and OpenLDAP): Base64 of the digest and the salt behind it.
    private static func ldap(_ text: String) -> Content? {
        guard text.utf8.first == UInt8(ascii: "{"), let end = text.firstIndex(of: "}") else { return nil }
        let scheme = text[text.index(after: text.startIndex)..<end].uppercased()
        let rest = String(text[text.index(after: end)...])
        switch scheme {
        case "CRYPT", "ARGON2", "BCRYPT": return verifiable(rest)
        case "PBKDF2", "PBKDF2-SHA1", "PBKDF2-SHA256", "PBKDF2-SHA512": return passlib("$\(scheme)$\(rest)")
        default: break
        }
        let algorithms: [String: (FastDigest.Algorithm, isSalted: Bool)] = [
            "SSHA": (.sha1, true), "SSHA256": (.sha256, true), "SSHA512": (.sha512, true), "SMD5": (.md5, true),
            "SHA": (.sha1, false), "SHA256": (.sha256, false), "SHA512": (.sha512, false), "MD5": (.md5, false),
        ]
        guard let (algorithm, isSalted) = algorithms[scheme], let bytes = Base64.decode(rest) else { return nil }
        let salt = Array(bytes.dropFirst(algorithm.byteCount))
        guard bytes.count >= algorithm.byteCount, salt.isEmpty != isSalted else { return nil }
        return .digest(
            FastDigest(algorithm: algorithm, salt: salt, position: .after), Array(bytes.prefix(algorithm.byteCount)))
    }

    /// Django's `algorithm$cost$salt$hash`.
    private static func django(_ text: String) -> Content? {
        let fields = split(text, "$")
        switch fields[0] {
        case "argon2", "bcrypt": return verifiable(String(text.drop { $0 != "$" }).trimmedDollar)
        case "pbkdf2_sha256", "pbkdf2_sha1", "pbkdf2_sha512":
            guard fields.count == 4, let algorithm = KDFPasswordHash.algorithm(fields[0]),
                let iterations = CostNumber.parse(fields[1]), let hash = Base64.decode(fields[3])
            else { return nil }
            return derived(.pbkdf2(algorithm, iterations: iterations), Array(fields[2].utf8), hash)
        case "scrypt":
            guard fields.count == 6, let n = CostNumber.parse(fields[1]), let r = CostNumber.parse(fields[3]),
                let p = CostNumber.parse(fields[4]), let hash = Base64.decode(fields[5]), n.nonzeroBitCount == 1
            else { return nil }
            return derived(.scrypt(logN: n.trailingZeroBitCount, r: r, p: p), Array(fields[2].utf8), hash)
        case "md5", "sha1":
            guard fields.count == 3, let algorithm = FastDigest.Algorithm(rawValue: fields[0]),
                let digest = hexadecimalBytes(fields[2]), digest.count == algorithm.byteCount
            else { return nil }
            return .digest(
                FastDigest(algorithm: algorithm, salt: Array(fields[1].utf8), position: .before), digest)
        default: return nil
        }
    }

    /// passlib's `$pbkdf2-sha256$29000$salt$hash`, with "." for "+".
    private static func passlib(_ text: String) -> Content? {
        let fields = split(text, "$")
        guard fields.count == 5, fields[0].isEmpty, let algorithm = KDFPasswordHash.algorithm(fields[1]),
            let iterations = CostNumber.parse(fields[2]), let salt = Base64.decode(fields[3]),
            let hash = Base64.decode(fields[4])
        else { return nil }
        return derived(.pbkdf2(algorithm, iterations: iterations), salt, hash)
    }

    /// A bare digest in hexadecimal digits, whose length tells what made it.
    private static func hexadecimal(_ text: String) -> Content? {
        guard let digest = hexadecimalBytes(text),
            let algorithm = FastDigest.Algorithm.allCases.first(where: { $0.byteCount == digest.count })
        else { return nil }
        return .digest(FastDigest(algorithm: algorithm, salt: [], position: .after), digest)
    }

    /// Keycloak's exported credential, with its two JSON texts inside or what they hold: `algorithm`, `hashIterations`,
    /// `salt` and `value`.
    private static func keycloak(_ text: String) -> Content? {
        guard text.utf8.first == UInt8(ascii: "{"), let credential = KeycloakCredential(text),
            let salt = Base64.decode(credential.salt), let hash = Base64.decode(credential.value)
        else { return nil }
        if credential.algorithm.lowercased() == "argon2" {
            guard let phc = credential.argon2(salt: salt, hash: hash) else { return nil }
            return verifiable(phc)
        }
        guard let algorithm = KDFPasswordHash.algorithm(credential.algorithm) else { return nil }
        return derived(.pbkdf2(algorithm, iterations: credential.iterations), salt, hash)
    }

    private static func derived(_ function: KDFPasswordHash.Function, _ salt: [UInt8], _ hash: [UInt8]) -> Content? {
        KDFPasswordHash(function, salt: salt, hash: hash).map { .storable($0.text) }
    }

    private static func split(_ text: String, _ separator: Character) -> [String] {
        text.split(separator: separator, omittingEmptySubsequences: false).map(String.init)
    }

    private static func hexadecimalBytes(_ text: String) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count.isMultiple(of: 2), digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else {
            return nil
        }
        return stride(from: 0, to: digits.count, by: 2).map {
            UInt8(String(decoding: digits[$0...($0 + 1)], as: UTF8.self), radix: 16) ?? 0
        }
    }
}

extension String {
    /// Django writes its own name and a "$" before what bcrypt and argon2 made, whose own "$" argon2 has lost.
    fileprivate var trimmedDollar: String { hasPrefix("$$") ? String(dropFirst()) : self }
}

/// What is in a credential that Keycloak exported.
private struct KeycloakCredential {
    let algorithm: String
    let iterations: Int
    let salt: String
    let value: String
    private let parameters: [String: [String]]

    private struct Fields: Decodable {
        let algorithm: String?
        let hashIterations: Int?
        let salt: String?
        let value: String?
        let additionalParameters: [String: [String]]?
        let secretData: String?
        let credentialData: String?
    }

    init?(_ text: String) {
        func fields(_ text: String?) -> Fields? {
            text.flatMap { try? JSONDecoder().decode(Fields.self, from: Data($0.utf8)) }
        }
        guard let outer = fields(text) else { return nil }
        let (secret, data) = (fields(outer.secretData), fields(outer.credentialData))
        guard let algorithm = outer.algorithm ?? data?.algorithm,
            let iterations = outer.hashIterations ?? data?.hashIterations,
            let salt = outer.salt ?? secret?.salt, let value = outer.value ?? secret?.value
        else { return nil }
        self.algorithm = algorithm
        self.iterations = iterations
        self.salt = salt
        self.value = value
        parameters = outer.additionalParameters ?? data?.additionalParameters ?? [:]
    }

    func argon2(salt: [UInt8], hash: [UInt8]) -> String? {
        func first(_ name: String) -> String? { parameters[name]?.first }
        guard let type = first("type"), let memory = first("memory"), let lanes = first("parallelism") else {
            return nil
        }
        let version = first("version") == "1.0" ? 16 : 19
        return "$argon2\(type)$v=\(version)$m=\(memory),t=\(iterations),p=\(lanes)$\(Base64.encode(salt))"
            + "$\(Base64.encode(hash))"
    }
}
